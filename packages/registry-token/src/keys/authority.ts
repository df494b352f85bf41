// Before the import of x509: its dependency injection looks for this when it is loaded.
import 'reflect-metadata/lite'
import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { certificatePem } from './pem.ts'

const HOUR_MS = 3_600_000
const AUTHORITY_YEARS = 10
/** Certificates begin this long before they are made: the clock of a registry may be behind. */
const BACKDATED_MS = HOUR_MS

/** When a certificate holds, in milliseconds since the epoch. */
export interface Validity {
  readonly fromMs: number
  readonly untilMs: number
}

/** The private certificate authority of a token server: registries trust it, and it vouches for signing keys. */
export interface Authority {
  /** PEM, without private key. */
  readonly certificatePem: string
  readonly validity: Validity
  /**
   * Makes a certificate for a signing key.
   *
   * @param untilMs Cut to the end of the authority itself.
   * @returns DER.
   */
  issue(publicKey: KeyObject, nowMs: number, untilMs: number): Promise<{ der: Buffer; validity: Validity }>
}

/** A new authority on P-256, good for ten years. */
export async function createAuthority(nowMs: number): Promise<{ authority: Authority; privateKeyPem: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keys = { privateKey: await importKey(privateKey), publicKey: await importKey(publicKey) }
  const end = new Date(nowMs)
  end.setUTCFullYear(end.getUTCFullYear() + AUTHORITY_YEARS)
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Lockkeeper token authority',
    keys,
    notBefore: new Date(nowMs - BACKDATED_MS),
    notAfter: end,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const pem = certificatePem(Buffer.from(certificate.rawData))
  const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { authority: await openAuthority(privateKey, pem), privateKeyPem }
}

/** An authority from its key and certificate, which must belong together. */
export async function openAuthority(privateKey: KeyObject, certificatePem: string): Promise<Authority> {
  const own = new x509.X509Certificate(certificatePem)
  const validity = validityOf(new X509Certificate(certificatePem))
  const signingKey = await importKey(privateKey)
  return {
    certificatePem,
    validity,
    async issue(publicKey, nowMs, untilMs) {
      const until = Math.min(untilMs, validity.untilMs)
      const certificate = await x509.X509CertificateGenerator.create({
        subject: 'CN=Lockkeeper token signing',
        issuer: own.subjectName,
        publicKey: await importKey(publicKey),
        signingKey,
        notBefore: new Date(nowMs - BACKDATED_MS),
        notAfter: new Date(until),
        signingAlgorithm: { ...signingKey.algorithm, hash: 'SHA-256' },
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          await x509.AuthorityKeyIdentifierExtension.create(own.publicKey),
        ],
      })
      const der = Buffer.from(certificate.rawData)
      return { der, validity: validityOf(new X509Certificate(der)) }
    },
  }
}

/** `KeyObject.toCryptoKey` would do, but its type is not the one that x509 was compiled with. */
function importKey(key: KeyObject): Promise<CryptoKey> {
  const algorithm =
    key.asymmetricKeyType === 'ec'
      ? { name: 'ECDSA', namedCurve: 'P-256' }
      : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  return key.type === 'public'
    ? crypto.subtle.importKey('spki', key.export({ type: 'spki', format: 'der' }), algorithm, true, ['verify'])
    : crypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), algorithm, false, ['sign'])
}

/** Reads when a certificate holds. */
export const validityOf = (certificate: X509Certificate): Validity => ({
  fromMs: Date.parse(certificate.validFrom),
  untilMs: Date.parse(certificate.validTo),
})
