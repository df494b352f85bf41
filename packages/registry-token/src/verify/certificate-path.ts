import { type KeyObject, X509Certificate } from 'node:crypto'
import { type CertificateExtensions, readExtensions } from './der.ts'

/** A certificate, and what was read from it once. */
export interface ReadCertificate {
  readonly certificate: X509Certificate
  readonly extensions: CertificateExtensions
  readonly fromMs: number
  readonly untilMs: number
}

/** A key that a chain of certificates vouches for. */
export interface CertifiedKey {
  readonly publicKey: KeyObject
  /** When the first certificate of the chain ends, in milliseconds since the epoch. */
  readonly untilMs: number
}

const MAX_CERTIFICATE_BYTES = 4096
const DIGITAL_SIGNATURE = 0x80
const KEY_CERT_SIGN = 0x04

/** Reads one certificate; `undefined` when it cannot be used. */
export function readCertificate(source: Buffer | string): ReadCertificate | undefined {
  try {
    const certificate = new X509Certificate(source)
    // What follows the certificate would go unread, and is somebody else's idea of it.
    if (typeof source !== 'string' && certificate.raw.length !== source.length) return undefined
    const extensions = readExtensions(certificate.raw)
    if (!extensions || extensions.hasUnknownCritical) return undefined
    const { validFrom, validTo } = certificate
    return { certificate, extensions, fromMs: Date.parse(validFrom), untilMs: Date.parse(validTo) }
  } catch {
    return undefined
  }
}

/**
 * Follows the certificates of an `x5c` header from the signing key to a trusted one: each vouched for by the next, all in
 * their time, authorities only where authorities belong, and a first one that may sign.
 *
 * @param x5c Standard base64 of DER, the certificate of the signing key first.
 * @param roots Trusted; one that is itself the first certificate needs nobody to vouch for it.
 * @returns `undefined` when no such chain exists.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-4.1.6 | RFC 7515 section 4.1.6}
 * @see {@link https://www.rfc-editor.org/rfc/rfc5280#section-6 | RFC 5280 section 6}
 */
export function followCertificates(
  x5c: readonly string[],
  roots: readonly ReadCertificate[],
  nowMs: number,
): CertifiedKey | undefined {
  const chain = x5c.map(decodeCertificate)
  const [leaf] = chain
  if (!leaf || !maySign(leaf)) return undefined

  let untilMs = Number.POSITIVE_INFINITY
  for (const [below, current] of chain.entries()) {
    if (!current || !holdsAt(current, nowMs)) return undefined
    untilMs = Math.min(untilMs, current.untilMs)
    const anchor = roots.find(
      (root) => isSame(root, current) || (vouches(root, current, below) && holdsAt(root, nowMs)),
    )
    if (anchor) return { publicKey: leaf.certificate.publicKey, untilMs: Math.min(untilMs, anchor.untilMs) }
    const next = chain[below + 1]
    if (!next || !vouches(next, current, below)) return undefined
  }
  return undefined
}

/** Whether a certificate lets its key sign tokens. */
export const maySign = ({ extensions: { keyUsage = DIGITAL_SIGNATURE } }: ReadCertificate): boolean =>
  (keyUsage & DIGITAL_SIGNATURE) !== 0

/** Whether `nowMs` is in the time of a certificate. */
export const holdsAt = ({ fromMs, untilMs }: ReadCertificate, nowMs: number): boolean =>
  nowMs >= fromMs && nowMs <= untilMs

const isSame = (a: ReadCertificate, b: ReadCertificate): boolean => a.certificate.raw.equals(b.certificate.raw)

/** @param below How many authorities stand between `issuer` and the signing key. */
function vouches(issuer: ReadCertificate, issued: ReadCertificate, below: number): boolean {
  const { isAuthority, keyUsage = KEY_CERT_SIGN, pathLength = Number.POSITIVE_INFINITY } = issuer.extensions
  if (!isAuthority || (keyUsage & KEY_CERT_SIGN) === 0 || below > pathLength) return false
  return issued.certificate.checkIssued(issuer.certificate) && issued.certificate.verify(issuer.certificate.publicKey)
}

function decodeCertificate(text: string): ReadCertificate | undefined {
  const der = Buffer.from(text, 'base64')
  if (der.length > MAX_CERTIFICATE_BYTES || der.toString('base64') !== text) return undefined
  return readCertificate(der)
}
