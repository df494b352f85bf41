import { request } from 'node:http'
import { BackendUnavailableError, InvalidInputError } from '@lockkeeper/core'
import { socketProblem } from './socket-path.ts'

const TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 16 * 1024 * 1024

/**
 * Asks the server that runs on a data folder.
 *
 * @param path The socket of the server.
 * @throws {BackendUnavailableError} when no server runs there, or it does not answer.
 * @throws {InvalidInputError} when it cannot do what it was asked.
 */
export async function askServer(path: string, route: string, question: object): Promise<unknown> {
  const problem = socketProblem(path)
  if (problem !== undefined) throw new InvalidInputError(problem)
  const { status, text } = await post(path, route, JSON.stringify(question)).catch((error: unknown) => {
    throw new BackendUnavailableError('server', whyNot(path, error), { cause: error })
  })
  const body: unknown = JSON.parse(text)
  if (status === 200) return body
  const said =
    typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : `status ${status}`
  throw status === 503 ? new BackendUnavailableError('server', said) : new InvalidInputError(said)
}

function post(socketPath: string, route: string, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method: 'POST', path: `/${route}`, timeout: TIMEOUT_MS }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        text += chunk
        if (text.length > MAX_ANSWER_BYTES) answer.destroy(new Error('its answer is too long'))
      })
      answer.on('error', reject)
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
    })
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)))
    asked.on('error', reject)
    asked.end(body)
  })
}

function whyNot(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    return `none runs on this data folder (${path}): start it with lockkeeper serve, or name its folder with --data`
  }
  if (code === 'EACCES') return `${path} belongs to somebody else: run this as the user that the server runs as`
  return `${path} does not answer: ${error instanceof Error ? error.message : 'unknown error'}`
}
