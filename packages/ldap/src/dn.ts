/** A distinguished name, parsed for comparison. */
export interface Dn {
  /** Normal form of each part, the entry's own first; empty for the root. */
  readonly rdns: readonly string[]
  /** The entry's own value as written, without escapes: `Jane Doe` of `cn=Jane Doe,ou=people`. */
  readonly leafValue: string
}

const LONGEST = 8192
const TYPE = / *([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*) *= */y
const HEX_VALUE = /#((?:[0-9A-Fa-f]{2})+) */y
const PLAIN = /[^\0"+,;<>\\]+/y
const ESCAPED_BYTE = /\\([0-9A-Fa-f]{2})/y
const ESCAPED_CHARACTER = /\\([ "#+,;<=>\\])/y
const BLANKS = /[\t-\r\x85\p{Z}]+/gu
// What RFC 4518 section 2.2 maps to nothing.
const IGNORED = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\uFFFC]/gu

/** Other spellings of the attribute types that RFC 4514 section 3 names. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ...['2.5.4.3', 'commonname'].map((name) => [name, 'cn'] as const),
  ...['2.5.4.7', 'localityname'].map((name) => [name, 'l'] as const),
  ...['2.5.4.8', 'stateorprovincename'].map((name) => [name, 'st'] as const),
  ...['2.5.4.10', 'organizationname'].map((name) => [name, 'o'] as const),
  ...['2.5.4.11', 'organizationalunitname'].map((name) => [name, 'ou'] as const),
  ...['2.5.4.6', 'countryname'].map((name) => [name, 'c'] as const),
  ...['2.5.4.9', 'streetaddress'].map((name) => [name, 'street'] as const),
  ...['0.9.2342.19200300.100.1.25', 'domaincomponent'].map((name) => [name, 'dc'] as const),
  ...['0.9.2342.19200300.100.1.1', 'userid'].map((name) => [name, 'uid'] as const),
])

/**
 * Parses a distinguished name. Two names of one entry have equal `rdns`, however they are cased, spaced or escaped.
 *
 * @returns `undefined` when the text is none.
 * @see {@link https://www.rfc-editor.org/rfc/rfc4514#section-3 | RFC 4514 section 3}
 * @see {@link https://www.rfc-editor.org/rfc/rfc4518#section-2 | RFC 4518 section 2}, the folding of values
 */
export function parseDn(text: string): Dn | undefined {
  if (text.length > LONGEST || !text.isWellFormed()) return undefined
  if (/^ *$/.test(text)) return { rdns: [], leafValue: '' }
  const scanner = new Scanner(text)
  const rdns: string[] = []
  let leafValue: string | undefined
  do {
    const parts: string[] = []
    do {
      const type = scanner.take(TYPE)?.toLowerCase()
      const value = type === undefined ? undefined : readValue(scanner)
      if (type === undefined || value === undefined) return undefined
      leafValue ??= value.text
      parts.push(`${TYPES.get(type) ?? type}=${value.normal}`)
    } while (scanner.skip('+'))
    rdns.push(parts.toSorted().join('+'))
  } while (scanner.skip(','))
  return scanner.isAtEnd ? { rdns, leafValue: leafValue ?? '' } : undefined
}

/** The one spelling that all names of an entry share, or `undefined` for what is no name. */
export const normaliseDn = (text: string): string | undefined => parseDn(text)?.rdns.join(',')

/** Whether an entry is `base` itself or somewhere below it. */
export function isAtOrBelow({ rdns }: Dn, base: Dn): boolean {
  const above = rdns.length - base.rdns.length
  return above >= 0 && base.rdns.every((rdn, index) => rdn === rdns[above + index])
}

/**
 * Escapes text so that it can be one value in a distinguished name and nothing else.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc4514#section-2.4 | RFC 4514 section 2.4}
 */
export const escapeDnValue = (text: string): string => {
  if (/^[A-Za-z0-9][A-Za-z0-9._@-]*$/.test(text)) return text
  return text
    .replace(/^[ #]| $|["+,;<=>\\]/g, '\\$&')
    .replace(/[\0-\x1f\x7f]/g, (control) => `\\${control.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length
  }

  /** What a sticky pattern's group, or the whole of it, matches here. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match === null) return undefined
    this.#at = pattern.lastIndex
    return match[1] ?? match[0]
  }

  skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  isAt(character: string): boolean {
    return this.#text[this.#at] === character
  }
}

function readValue(scanner: Scanner): { readonly text: string; readonly normal: string } | undefined {
  if (scanner.isAt('#')) {
    const hex = scanner.take(HEX_VALUE)?.toLowerCase()
    return hex === undefined ? undefined : { text: `#${hex}`, normal: `#${hex}` }
  }
  const bytes: Buffer[] = []
  let length = 0
  // Blanks at the end count only where they are escaped.
  let significant = 0
  for (;;) {
    const plain = scanner.take(PLAIN)
    const byte = plain === undefined ? scanner.take(ESCAPED_BYTE) : undefined
    const piece = plain ?? (byte === undefined ? scanner.take(ESCAPED_CHARACTER) : undefined)
    if (piece === undefined && byte === undefined) break
    const encoded = byte === undefined ? Buffer.from(piece ?? '') : Buffer.from(byte, 'hex')
    const blanks = plain === undefined ? 0 : blanksAtEnd(plain)
    if (blanks < encoded.length) significant = length + encoded.length - blanks
    length += encoded.length
    bytes.push(encoded)
  }
  const value = Buffer.concat(bytes).subarray(0, significant)
  const text = value.toString()
  // Bytes that are no text would all become one replacement character, and so equal each other.
  return value.equals(Buffer.from(text)) ? { text, normal: escapeDnValue(fold(text)) } : undefined
}

function blanksAtEnd(text: string): number {
  let count = 0
  while (count < text.length && text[text.length - 1 - count] === ' ') count += 1
  return count
}

function fold(text: string): string {
  // Nearly all names are of this kind, and every login folds a few.
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase().replace(/ {2,}/g, ' ').trim()
  let folded = text
  // One pass is not always a fixed point: some compatibility letters become upper-case under NFKC.
  for (let pass = 0; pass < 4; pass++) {
    const next = folded.normalize('NFKC').replace(BLANKS, ' ').replace(IGNORED, '').toLowerCase().normalize('NFKC')
    if (next === folded) break
    folded = next
  }
  return folded.replace(/ +/g, ' ').trim()
}
