import {
  BackendUnavailableError,
  type Call,
  type Clock,
  createHttpBackend,
  type HttpAnswer,
  type HttpRequest,
} from '@lockkeeper/core'
import type * as z from 'zod'
import type { HttpAuthSettings } from './options.ts'

/** One URL of the proxy. */
export interface Endpoint {
  /** @throws {BackendUnavailableError} when it does not answer. */
  post(request: Pick<HttpRequest, 'headers' | 'body'>, call: Call): Promise<HttpAnswer>
  /** Reads an answer. @throws {BackendUnavailableError} when it is something else; nothing of it is quoted. */
  read<T>(answer: HttpAnswer, schema: z.ZodType<T>, what: string): T
  unavailable(what: string): BackendUnavailableError
  close(): void
}

/** @throws {ConfigurationError} when the certificates cannot be read. */
export function createEndpoint(url: string, settings: HttpAuthSettings, clock: Clock): Endpoint {
  const { mode: name, insecureAllowPlaintext, tls, timeoutMs, maxConcurrent, maxQueued } = settings
  const { origin, pathname: path } = new URL(url)
  const limits = { timeoutMs, maxConcurrent, maxQueued }
  // The path goes with each request: a slash at its end may mean something to the proxy.
  const backend = createHttpBackend({ name, url: origin, insecureAllowPlaintext, tls, ...limits, clock })
  const unavailable = (what: string) => new BackendUnavailableError(name, `${url} ${what}`)
  return {
    post: ({ headers, body }, call) =>
      backend.send(
        {
          method: 'POST',
          path,
          headers: { accept: 'application/json', ...headers },
          ...(body !== undefined && { body }),
        },
        call,
      ),
    read(answer, schema, what) {
      const read = schema.safeParse(answer.json())
      if (!read.success) throw unavailable(`answers with something else than ${what}`)
      return read.data
    },
    unavailable,
    close: () => backend.close(),
  }
}
