import type { VerifyReason } from './contract.ts'
import { type JsonObject, parseStrictJson } from './strict-json.ts'

/** Longest token that is looked at, in characters. */
export const MAX_TOKEN_LENGTH = 12_288

/** The three parts of a token whose form is right; nothing in it is believed yet. */
export interface CompactToken {
  readonly header: JsonObject
  readonly payload: JsonObject
}

/**
 * Takes a compact JWS apart: the length first, then exactly two dots, then base64url in its one canonical spelling, so
 * that no two texts are the same token.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-7.1 | RFC 7515 section 7.1}
 */
export function splitCompact(token: string): CompactToken | VerifyReason {
  if (token.length > MAX_TOKEN_LENGTH) return 'too_large'
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (first < 1 || second < 0 || token.indexOf('.', second + 1) >= 0) return 'malformed_token'

  const signature = decode(token.slice(second + 1))
  if (!signature || signature.length === 0) return 'malformed_token'
  const header = readObject(token.slice(0, first))
  if (typeof header === 'string') return header
  const payload = readObject(token.slice(first + 1, second))
  return typeof payload === 'string' ? payload : { header, payload }
}

function readObject(part: string): JsonObject | VerifyReason {
  const bytes = decode(part)
  if (!bytes) return 'malformed_token'
  const json = parseStrictJson(bytes)
  if (json.outcome === 'rejected') return json.problem === 'duplicate_member' ? 'duplicate_member' : 'malformed_token'
  return json.value instanceof Map ? json.value : 'malformed_token'
}

/** Node skips what it cannot read, padding and spare bits included: the one spelling is the one that comes out again. */
function decode(part: string): Uint8Array | undefined {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : undefined
}
