import { BackendUnavailableError, type HttpAnswer } from '@lockkeeper/core'
import { isJsonObject, type JsonObject } from '../refusal.ts'

/**
 * Reads an answer that has to be 200 and a JSON object.
 *
 * @param what Named in the error: `the key set`.
 * @throws {BackendUnavailableError} when it is anything else. The message never quotes the answer, which may be secret.
 */
export function jsonAnswer(mode: string, what: string, answer: HttpAnswer): JsonObject {
  const { status } = answer
  if (status !== 200) {
    const hint = status >= 300 && status < 400 ? '; redirects are not followed' : ''
    throw new BackendUnavailableError(mode, `${what} was answered with status ${status}${hint}`)
  }
  const parsed = answer.json()
  if (!isJsonObject(parsed)) throw new BackendUnavailableError(mode, `${what} is not a JSON object`)
  return parsed
}
