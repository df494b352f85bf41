import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { ConfigurationError, isBackendUnavailable } from '@lockkeeper/core'
import { socketProblem } from './socket-path.ts'

/** Answers one kind of question of the command line, in JSON. What it throws is told to whoever asked. */
export type ControlRoute = (question: unknown) => Promise<unknown>

/** The socket that commands about a running server talk to. */
export interface ControlServer {
  close(): Promise<void>
}

const MAX_QUESTION_BYTES = 16 * 1024
const MAX_CONNECTIONS = 16
const QUESTION_MS = 5_000

/**
 * Listens on a socket that its owner alone may use. One that a server left behind when it died is replaced.
 *
 * @param routes By name: `POST /<name>` with a JSON body.
 * @throws {ConfigurationError} when another server runs on the folder.
 * @throws {Error} that says why no command will reach this server; it can serve without.
 */
export async function openControlServer(
  path: string,
  routes: ReadonlyMap<string, ControlRoute>,
): Promise<ControlServer> {
  const problem = socketProblem(path)
  if (problem !== undefined) throw new Error(problem)
  if (await isAnswered(path)) {
    const message = 'belongs to another server: stop that one, or give this one a folder of its own with --data'
    throw new ConfigurationError(dirname(path), [{ path: '', message }])
  }
  await rm(path, { force: true })
  const server = createServer({ requestTimeout: QUESTION_MS, headersTimeout: QUESTION_MS }, (request, response) => {
    answer(routes, request).then(
      ({ status, body }) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      () => response.destroy(),
    )
  })
  server.maxConnections = MAX_CONNECTIONS
  await listenPrivately(server, path)
  server.unref()
  return {
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** The socket is made with mode 0600, rather than changed to it when somebody could have connected already. */
async function listenPrivately(server: Server, path: string): Promise<void> {
  const before = process.umask(0o177)
  try {
    server.listen(path)
  } finally {
    process.umask(before)
  }
  await once(server, 'listening')
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const end = (isAnswered: boolean) => {
      socket.destroy()
      resolve(isAnswered)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

async function answer(routes: ReadonlyMap<string, ControlRoute>, request: IncomingMessage): Promise<Answer> {
  const route = request.method === 'POST' ? routes.get(request.url?.slice(1) ?? '') : undefined
  if (!route)
    return { status: 404, body: { message: 'this server is of another version: it does not know that command' } }
  try {
    return { status: 200, body: await route(await readQuestion(request)) }
  } catch (error) {
    const message = error instanceof Error ? error.message : 'failed unexpectedly'
    return { status: isBackendUnavailable(error) ? 503 : 400, body: { message } }
  }
}

async function readQuestion(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > MAX_QUESTION_BYTES) throw new TypeError('the question is too long')
  }
  return JSON.parse(text)
}
