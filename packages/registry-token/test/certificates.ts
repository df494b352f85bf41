import 'reflect-metadata/lite'
import type { KeyObject } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { certificatePem } from '../src/keys/pem.ts'
import { NOW, type TestKey } from './forge.ts'

const DAY_MS = 86_400_000

/** A certificate that a test made, as it goes into a bundle and into `x5c`. */
export interface TestCertificate {
  readonly pem: string
  /** Standard base64 of the DER. */
  readonly x5c: string
  readonly certificate: x509.X509Certificate
  readonly key: TestKey
}

/** What a {@link certify} call may say otherwise than an ordinary leaf. */
export interface CertifyOptions {
  /** Absent: self-signed. */
  readonly issuer?: TestCertificate
  readonly ca?: boolean
  readonly pathLength?: number
  /** Bits of KeyUsage; `null` leaves the extension out. */
  readonly usage?: number | null
  readonly fromMs?: number
  readonly untilMs?: number
  readonly extensions?: readonly x509.Extension[]
  readonly subject?: string
}

const { digitalSignature, keyCertSign } = x509.KeyUsageFlags
let serial = 1

/** Makes a certificate with whatever a test wants to be wrong with it. */
export async function certify(key: TestKey, options: CertifyOptions = {}): Promise<TestCertificate> {
  const { issuer, ca = false, pathLength, usage = ca ? keyCertSign : digitalSignature } = options
  const subject = options.subject ?? `CN=test ${serial}`
  const signer = issuer?.key ?? key
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: (serial++).toString(16).padStart(4, '0'),
    subject,
    issuer: issuer?.certificate.subject ?? subject,
    notBefore: new Date(options.fromMs ?? NOW - DAY_MS),
    notAfter: new Date(options.untilMs ?? NOW + DAY_MS),
    publicKey: await importKey(key.publicKey),
    signingKey: await importKey(signer.privateKey),
    signingAlgorithm: { ...algorithmOf(signer.privateKey), hash: 'SHA-256' },
    extensions: [
      new x509.BasicConstraintsExtension(ca, pathLength, true),
      ...(usage === null ? [] : [new x509.KeyUsagesExtension(usage, true)]),
      ...(options.extensions ?? []),
    ],
  })
  const der = Buffer.from(certificate.rawData)
  return { pem: certificatePem(der), x5c: der.toString('base64'), certificate, key }
}

function algorithmOf(key: KeyObject) {
  switch (key.asymmetricKeyType) {
    case 'ec': {
      const curve = key.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'P-384' : 'P-256'
      return { name: 'ECDSA', namedCurve: curve }
    }
    case 'ed25519':
      return { name: 'Ed25519' }
    default:
      return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  }
}

function importKey(key: KeyObject): Promise<CryptoKey> {
  return key.type === 'public'
    ? crypto.subtle.importKey('spki', key.export({ type: 'spki', format: 'der' }), algorithmOf(key), true, ['verify'])
    : crypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), algorithmOf(key), false, ['sign'])
}

export { x509 }
