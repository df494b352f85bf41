import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Handler } from '../route.ts'
import type { AdapterOptions } from './answer.ts'
import { exchange } from './exchange.ts'

export type { AdapterOptions } from './answer.ts'

/** The few methods of a Fastify instance that are called; nothing of Fastify is imported. */
export interface FastifyLike {
  addHook(
    name: 'onRequest',
    hook: (
      request: { readonly raw: IncomingMessage },
      reply: { readonly raw: ServerResponse; hijack(): unknown },
    ) => Promise<void>,
  ): unknown
  all(path: string, handler: () => Promise<void>): unknown
}

/**
 * Makes a Fastify plug-in: `app.register(fastifyPlugin(handler))`. It answers every path under its prefix that no other
 * route claims, before Fastify reads the body.
 *
 * @see {@link https://fastify.dev/docs/latest/Reference/Reply/#hijack | Fastify: reply.hijack}
 */
export function fastifyPlugin(handler: Handler, options: AdapterOptions = {}): (app: FastifyLike) => Promise<void> {
  return async (app) => {
    app.addHook('onRequest', async (request, reply) => {
      reply.hijack()
      await exchange(handler, request.raw, reply.raw, options)
    })
    app.all('/*', async () => {})
  }
}
