import { WireError } from './wire-error.ts'

/** One element of an encoded message: its tag and what it holds. */
export interface Element {
  readonly tag: number
  readonly content: Buffer
}

/** Tags that LDAP takes from ASN.1. */
export const TAG = { boolean: 0x01, integer: 0x02, octets: 0x04, enumerated: 0x0a, sequence: 0x30, set: 0x31 } as const

const LONGEST_LENGTH = 4
const HIGH_TAG_NUMBER = 0x1f

interface Header {
  readonly tag: number
  /** Where the content starts. */
  readonly start: number
  /** Where it ends. */
  readonly end: number
}

/**
 * How many bytes the first element takes in all, or `undefined` while its header is incomplete.
 *
 * @throws {WireError} for what LDAP does not use: indefinite lengths and tags of more than one byte.
 * @see {@link https://www.rfc-editor.org/rfc/rfc4511#section-5.1 | RFC 4511 section 5.1}
 */
export const sizeOfFirst = (bytes: Buffer): number | undefined => readHeader(bytes, 0)?.end

/**
 * Splits content into elements that fill it exactly.
 *
 * @throws {WireError} when one is cut off, or reaches beyond its parent.
 */
export function readElements(content: Buffer): readonly Element[] {
  const elements: Element[] = []
  for (let at = 0; at < content.length; ) {
    const header = readHeader(content, at)
    if (header === undefined || header.end > content.length) throw malformed('an element is cut off')
    elements.push({ tag: header.tag, content: content.subarray(header.start, header.end) })
    at = header.end
  }
  return elements
}

/** A whole number of at most four bytes. */
export function readInteger(content: Buffer): number {
  if (content.length === 0 || content.length > 4) throw malformed('a number has no bytes, or too many')
  return content.readIntBE(0, content.length)
}

const LONGEST_CONTENT = 0xffff

/** Encodes an element. @throws {TypeError} when its content has more than 65 535 bytes. */
export function writeElement(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  if (length > LONGEST_CONTENT) throw new TypeError('an element of more than 65 535 bytes')
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

/** The error of every rule that an answer breaks. */
export const malformed = (what: string): WireError =>
  new WireError('malformed', `the directory sent what LDAP does not allow: ${what}`)

function readHeader(bytes: Buffer, at: number): Header | undefined {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) return undefined
  if ((tag & HIGH_TAG_NUMBER) === HIGH_TAG_NUMBER) throw malformed('a tag of several bytes')
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first }
  const size = first & 0x7f
  if (size === 0 || size > LONGEST_LENGTH) throw malformed('a length that is indefinite or too long')
  const start = at + 2 + size
  if (bytes.length < start) return undefined
  return { tag, start, end: start + bytes.readUIntBE(at + 2, size) }
}
