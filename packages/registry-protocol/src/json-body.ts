/** Longest body that the parsers of answers read, in bytes. */
export const MAX_BODY_BYTES = 65_536

/**
 * Why a body is not a JSON object:
 * - `too_large`: longer than the limit; nothing of it was read
 * - `empty`: nothing, or white space
 * - `not_utf8`: bytes that are not UTF-8
 * - `html`: it begins with `<`: a web page, mostly of a login page or a proxy that stands in front
 * - `not_json`, `not_object`: text of another kind; JSON of another kind
 */
export type BodyProblem = 'too_large' | 'empty' | 'not_utf8' | 'html' | 'not_json' | 'not_object'

/** Limits for the parsers of answers. */
export interface BodyLimits {
  /** In bytes. */
  readonly maxBytes?: number
}

/** A body as far as it could be read. */
export type JsonBody = {
  /** The text without its byte order mark; empty if it was too large or not UTF-8. */
  readonly text: string
  readonly hasByteOrderMark: boolean
} & (
  | { readonly outcome: 'object'; readonly members: ReadonlyMap<string, unknown> }
  | { readonly outcome: 'failed'; readonly problem: BodyProblem }
)

/** Reads a body that should be one JSON object. The content type is not asked for: registry clients ignore it too. */
export function readJsonBody(body: string | Uint8Array, maxBytes = MAX_BODY_BYTES): JsonBody {
  const unread = { text: '', hasByteOrderMark: false, outcome: 'failed' } as const
  const size = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
  if (size > maxBytes) return { ...unread, problem: 'too_large' }
  const decoded = typeof body === 'string' ? body : decodeUtf8(body)
  if (decoded === undefined) return { ...unread, problem: 'not_utf8' }

  const hasByteOrderMark = decoded.startsWith('\uFEFF')
  const text = hasByteOrderMark ? decoded.slice(1) : decoded
  const value = parseJson(text)
  const members = readMembers(value)
  if (members !== undefined) return { text, hasByteOrderMark, outcome: 'object', members }
  return { text, hasByteOrderMark, outcome: 'failed', problem: nameProblem(text, value) }
}

/** The own members of a JSON object, as a map: a member called `__proto__` is then a name like any other. */
export const readMembers = (value: unknown): ReadonlyMap<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : undefined

function nameProblem(text: string, value: unknown): BodyProblem {
  const start = text.trimStart()
  if (start === '') return 'empty'
  if (start.startsWith('<')) return 'html'
  return value === undefined ? 'not_json' : 'not_object'
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** The value, or `undefined`, which JSON cannot express. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
