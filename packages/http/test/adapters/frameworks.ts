import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve as serveHono } from '@hono/node-server'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { expressMiddleware } from '../../src/adapters/express.ts'
import { fastifyPlugin } from '../../src/adapters/fastify.ts'
import { honoHandler } from '../../src/adapters/hono.ts'
import { type AdapterOptions, nodeListener, serve } from '../../src/adapters/node.ts'
import type { Handler } from '../../src/index.ts'

/** A framework that serves a handler on a free port. */
export interface Mounted {
  readonly url: string
  close(): Promise<unknown>
}

export type Mount = (handler: Handler, options?: AdapterOptions) => Promise<Mounted>

const listening = (server: Server): Promise<Mounted> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      resolve({
        url: `http://127.0.0.1:${port}`,
        close: () =>
          new Promise((closed) => {
            server.close(closed)
            server.closeAllConnections()
          }),
      })
    })
  })

/** Every way in which a handler can be served. */
export const FRAMEWORKS: Readonly<Record<string, Mount>> = {
  async serve(handler, options = {}) {
    const server = await serve(handler, { listen: '127.0.0.1:0', limits: { lingerMs: 1 }, ...options })
    return { url: server.url, close: server.stop }
  },

  'node:http': (handler, options) => listening(createServer(nodeListener(handler, options))),

  'Express 5': (handler, options) => {
    const app = express()
    app.get('/own', (_, response) => void response.send('own'))
    app.use(expressMiddleware(handler, options))
    return listening(createServer(app))
  },

  async 'Fastify 5'(handler, options) {
    const app = Fastify()
    app.get('/own', async () => 'own')
    await app.register(fastifyPlugin(handler, options))
    return { url: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() }
  },

  Hono: (handler, options) =>
    new Promise((resolve) => {
      const app = new Hono()
      app.get('/own', (context) => context.text('own'))
      app.all('*', honoHandler(handler, options))
      const server = serveHono({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
        resolve({
          url: `http://127.0.0.1:${port}`,
          close: () => new Promise((closed) => server.close(closed)),
        }),
      )
    }),
}
