import { createPublicKey, type KeyObject } from 'node:crypto'
import { ConfigurationError, type ConfigurationProblem } from '@lockkeeper/core'
import type { JSONWebKeySet, JWK } from 'jose'
import { libtrustKeyId, thumbprint } from '../keys/key-id.ts'
import { maySign, type ReadCertificate, readCertificate } from './certificate-path.ts'
import { algorithmOf, type VerificationKey } from './key-algorithm.ts'
import { JWS_ALGORITHMS, type VerifyRules } from './rules.ts'

/** What a verifier trusts; at least one key or certificate. */
export interface TrustedKeyMaterial {
  /** Keys by their id, as a token server publishes them. */
  readonly jwks?: JSONWebKeySet
  /** PEM: authorities that vouch for signing keys, and certificates of signing keys. */
  readonly certificates?: string
}

/** The trusted keys of verifiers, which can be replaced while they work. */
export interface TrustedKeys {
  /**
   * Trusts these from now on, and nothing else: results that were kept under the old keys are dropped.
   *
   * @throws {ConfigurationError} with every problem found; what was trusted before still is.
   */
  replace(material: TrustedKeyMaterial): void
  /** For access controllers: the keys as they are now, in the form that the rules ask for. */
  tableFor(rules: VerifyRules): KeyTable
}

/** Trusted keys by what a token's header may say. A new object whenever the keys were replaced. */
export interface KeyTable {
  readonly byId: ReadonlyMap<string, VerificationKey>
  readonly byThumbprint: ReadonlyMap<string, VerificationKey>
  readonly roots: readonly ReadCertificate[]
}

interface Read {
  readonly certificates: readonly ReadCertificate[]
  readonly jwks: readonly { readonly id: string; readonly key: VerificationKey }[]
}

/**
 * Reads the keys that tokens are verified with.
 *
 * @throws {ConfigurationError} with every problem found: private, symmetric, weak or nameless keys, one id for two keys,
 * certificates that cannot be read, or nothing at all.
 */
export function trustedKeys(material: TrustedKeyMaterial): TrustedKeys {
  let read = readMaterial(material)
  let tables = new WeakMap<VerifyRules, KeyTable>()
  return {
    replace(next) {
      read = readMaterial(next)
      tables = new WeakMap()
    },
    tableFor(rules) {
      const table = tables.get(rules) ?? makeTable(read, rules)
      tables.set(rules, table)
      return table
    },
  }
}

function makeTable({ certificates, jwks }: Read, rules: VerifyRules): KeyTable {
  const byId = new Map<string, VerificationKey>()
  const byThumbprint = new Map<string, VerificationKey>()
  // Of several certificates for one key, the one that ends last decides.
  for (const certificate of certificates.toSorted((a, b) => a.untilMs - b.untilMs)) {
    const { publicKey } = certificate.certificate
    const algorithm = algorithmOf(publicKey)
    if (!algorithm || !maySign(certificate)) continue
    const key = { publicKey, algorithm, certificate }
    byThumbprint.set(thumbprint(publicKey), key)
    for (const form of rules.certificateKeyIds) {
      byId.set(form === 'libtrust' ? libtrustKeyId(publicKey) : thumbprint(publicKey), key)
    }
  }
  for (const { id, key } of rules.jwks ? jwks : []) {
    byId.set(id, key)
    byThumbprint.set(thumbprint(key.publicKey), key)
  }
  return { byId, byThumbprint, roots: certificates }
}

function readMaterial({ jwks, certificates = '' }: TrustedKeyMaterial): Read {
  const problems: ConfigurationProblem[] = []
  const read = { certificates: readCertificates(certificates, problems), jwks: readJwks(jwks, problems) }
  if (read.certificates.length + read.jwks.length === 0 && problems.length === 0) {
    problems.push({ path: '', message: 'a verifier without keys accepts nothing; name a JWKS or certificates' })
  }
  if (problems.length > 0) throw new ConfigurationError('trusted keys', problems)
  return read
}

function readCertificates(pem: string, problems: ConfigurationProblem[]): readonly ReadCertificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  return blocks.flatMap((block, index) => {
    const certificate = readCertificate(block)
    if (certificate) return [certificate]
    problems.push({ path: `certificates[${index}]`, message: 'cannot be used; is the PEM block complete?' })
    return []
  })
}

function readJwks(jwks: JSONWebKeySet | undefined, problems: ConfigurationProblem[]): Read['jwks'] {
  const read = new Map<string, VerificationKey>()
  for (const [index, jwk] of (jwks?.keys ?? []).entries()) {
    if (jwk.use !== undefined && jwk.use !== 'sig') continue
    const problem = readJwk(jwk, read)
    if (problem) problems.push({ path: `jwks.keys[${index}]`, message: problem })
  }
  return Array.from(read, ([id, key]) => ({ id, key }))
}

/** Adds a key, or says what is wrong with it. */
function readJwk(jwk: JWK, read: Map<string, VerificationKey>): string | undefined {
  if (jwk.kty === 'oct') return 'is symmetric: whoever can verify with it can sign with it; use key pairs'
  if (jwk.d !== undefined) return 'holds a private key, which a verifier must not have; publish the public half'
  const id = jwk.kid
  if (typeof id !== 'string' || id === '') return 'has no kid, so no token could name it'
  const publicKey = importJwk(jwk)
  if (!publicKey) return 'cannot be read as a public key'
  const fixed = JWS_ALGORITHMS.find((algorithm) => algorithm === jwk.alg)
  if (jwk.alg !== undefined && !fixed) return 'names an algorithm that tokens are not signed with'
  const algorithm = algorithmOf(publicKey, fixed)
  if (!algorithm) return 'is weak, or does not fit its algorithm; use EC, Ed25519, or RSA of 2048 bits and more'
  if (read.get(id)?.publicKey.equals(publicKey) === false) return 'has the same kid as another key'
  read.set(id, { publicKey, algorithm })
  return undefined
}

/** A public key from a JWK, by nothing but the members that make the key. */
export function importJwk({ kty, crv, x, y, n, e }: JWK): KeyObject | undefined {
  try {
    return createPublicKey({ key: { kty, crv, x, y, n, e } as JWK, format: 'jwk' })
  } catch {
    return undefined
  }
}
