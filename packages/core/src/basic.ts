/** A user name and a password as they were presented, decoded and not yet believed. */
export interface PasswordCredentials {
  readonly username: string
  readonly password: string
}

const BASIC = /^basic ([A-Za-z0-9+/]+={0,2})$/i
const MAX_LENGTH = 4096
const CONTROL = /[\u0000-\u001f\u007f]/

/**
 * Reads an `Authorization: Basic` value strictly: one space, canonical base64, UTF-8, split at the first colon, no
 * control characters.
 *
 * @param value The header's value, without its name.
 * @returns `undefined` for anything else, which the caller answers with 401: a lenient reader lets two parties see
 * two different users in one header.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7617#section-2 | RFC 7617 section 2}
 */
export function parseBasic(value: string): PasswordCredentials | undefined {
  if (value.length > MAX_LENGTH) return undefined
  const encoded = BASIC.exec(value)?.[1]
  if (encoded === undefined) return undefined
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.toString('base64') !== encoded) return undefined
  const text = decodeUtf8(bytes)
  const colon = text?.indexOf(':') ?? -1
  if (text === undefined || colon < 0 || CONTROL.test(text)) return undefined
  return { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    // Different invalid bytes would all become U+FFFD, so two passwords could be one.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
