/** One element of DER: its tag, and where its content begins and ends. */
interface Element {
  readonly tag: number
  readonly start: number
  readonly end: number
}

/** What of a certificate's extensions decides whether it may sign, or vouch for another. */
export interface CertificateExtensions {
  /** The first byte of KeyUsage; absent where the certificate does not limit its use. */
  readonly keyUsage?: number
  readonly isAuthority: boolean
  /** How many authorities may stand below this one. */
  readonly pathLength?: number
  /** A critical extension that is not understood here, so the certificate cannot be used. */
  readonly hasUnknownCritical: boolean
}

const BOOLEAN = 0x01
const INTEGER = 0x02
const BIT_STRING = 0x03
const OCTET_STRING = 0x04
const EXTENSIONS = 0xa3

const KEY_USAGE = '551d0f'
const BASIC_CONSTRAINTS = '551d13'
/** Extensions whose being critical is no obstacle: subject alternative names, extended key usage. */
const HARMLESS = new Set(['551d11', '551d25'])

/**
 * Reads the extensions of a certificate, which Node does not tell.
 *
 * @param der A certificate that Node has parsed.
 * @returns `undefined` when it cannot be read.
 * @see {@link https://www.rfc-editor.org/rfc/rfc5280#section-4.2 | RFC 5280 section 4.2}
 */
export function readExtensions(der: Buffer): CertificateExtensions | undefined {
  try {
    const certificate = readElement(der, 0)
    const [body] = children(der, certificate)
    const [list] = body ? children(der, body).filter(({ tag }) => tag === EXTENSIONS) : []
    const [extensions] = list ? children(der, list) : []
    return extensions ? collect(der, children(der, extensions)) : { isAuthority: false, hasUnknownCritical: false }
  } catch {
    return undefined
  }
}

function collect(der: Buffer, extensions: readonly Element[]): CertificateExtensions {
  let found: CertificateExtensions = { isAuthority: false, hasUnknownCritical: false }
  for (const extension of extensions) {
    const parts = children(der, extension)
    const [oid] = parts
    const value = parts.find(({ tag }) => tag === OCTET_STRING)
    if (!oid || !value) throw new RangeError('not an extension')
    const name = der.toString('hex', oid.start, oid.end)
    const isCritical = parts.some(({ tag, start }) => tag === BOOLEAN && der[start] !== 0)
    if (name === KEY_USAGE) found = { ...found, keyUsage: readKeyUsage(der, value) }
    else if (name === BASIC_CONSTRAINTS) found = { ...found, ...readBasicConstraints(der, value) }
    else if (isCritical && !HARMLESS.has(name)) found = { ...found, hasUnknownCritical: true }
  }
  return found
}

function readKeyUsage(der: Buffer, value: Element): number {
  const bits = readElement(der, value.start)
  if (bits.tag !== BIT_STRING) throw new RangeError('not a bit string')
  // The first byte counts unused bits.
  return bits.end - bits.start > 1 ? der.readUInt8(bits.start + 1) : 0
}

function readBasicConstraints(der: Buffer, value: Element): { isAuthority: boolean; pathLength?: number } {
  const [first, second] = children(der, readElement(der, value.start))
  const isAuthority = first?.tag === BOOLEAN && der[first.start] !== 0
  if (second?.tag !== INTEGER) return { isAuthority }
  return { isAuthority, pathLength: der.readUIntBE(second.start, Math.min(second.end - second.start, 4)) }
}

function children(der: Buffer, parent: Element): readonly Element[] {
  const found: Element[] = []
  for (let at = parent.start; at < parent.end; ) {
    const element = readElement(der, at)
    if (element.end > parent.end) throw new RangeError('longer than what holds it')
    found.push(element)
    at = element.end
  }
  return found
}

/** @throws {RangeError} where the bytes end too early. */
function readElement(der: Buffer, at: number): Element {
  const tag = der.readUInt8(at)
  const short = der.readUInt8(at + 1)
  const lengthBytes = short < 0x80 ? 0 : short & 0x7f
  if (short === 0x80 || lengthBytes > 3) throw new RangeError('a length that DER does not have here')
  const length = lengthBytes === 0 ? short : der.readUIntBE(at + 2, lengthBytes)
  const start = at + 2 + lengthBytes
  if (start + length > der.length) throw new RangeError('longer than the bytes')
  return { tag, start, end: start + length }
}
