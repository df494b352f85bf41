import { type Checked, isJsonObject, type JsonObject, type TokenRefusal } from '../refusal.ts'

const MAX_BYTES = 16 * 1024
const MAX_DEPTH = 8
const BASE64URL = /^[A-Za-z0-9_-]+$/

/** A signed token that was taken apart and not yet believed. */
export interface ParsedToken {
  readonly compact: string
  readonly header: JsonObject
  readonly claims: JsonObject
}

/**
 * Takes a token apart as strictly as its grammar is: bounded, exactly three parts, canonical base64url, UTF-8 objects
 * without repeated members. Two readers of one token must never see different claims.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-4 | RFC 7515 section 4}
 */
export function parseSignedToken(compact: string): Checked<ParsedToken, TokenRefusal> {
  if (compact.length > MAX_BYTES || countDots(compact) !== 2) return { refused: 'token_malformed' }
  const [first = '', second = '', signature = ''] = compact.split('.')
  const header = parsePart(first)
  const claims = parsePart(second)
  if (header === undefined || claims === undefined || bytesOf(signature) === undefined) {
    return { refused: 'token_malformed' }
  }
  return { value: { compact, header, claims } }
}

function countDots(text: string): number {
  let dots = 0
  for (let at = text.indexOf('.'); at >= 0 && dots < 3; at = text.indexOf('.', at + 1)) dots++
  return dots
}

function parsePart(part: string): JsonObject | undefined {
  const bytes = bytesOf(part)
  if (bytes === undefined) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const parsed: unknown = JSON.parse(text)
    return isJsonObject(parsed) && isPlain(text) ? parsed : undefined
  } catch {
    return undefined
  }
}

function bytesOf(part: string): Buffer | undefined {
  if (!BASE64URL.test(part)) return undefined
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : undefined
}

const TOKENS_OF_JSON = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g

/** Whether valid JSON repeats no member and is not nested too deeply; `JSON.parse` takes the last of several. */
function isPlain(json: string): boolean {
  const names: Set<string>[] = []
  let text = ''
  for (const [token] of json.matchAll(TOKENS_OF_JSON)) {
    if (token === '{' || token === '[') {
      names.push(new Set())
      if (names.length > MAX_DEPTH) return false
    } else if (token === '}' || token === ']') {
      names.pop()
    } else if (token === ':') {
      const seen = names.at(-1)
      if (seen === undefined || seen.has(text)) return false
      seen.add(text)
    } else {
      text = String(JSON.parse(token))
    }
  }
  return true
}
