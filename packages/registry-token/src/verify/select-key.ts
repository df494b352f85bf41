import type { KeyObject } from 'node:crypto'
import type { JWK } from 'jose'
import { libtrustKeyId, thumbprint } from '../keys/key-id.ts'
import { followCertificates, holdsAt } from './certificate-path.ts'
import type { VerifyReason } from './contract.ts'
import { readX5c, type TokenHeaderClaims } from './header.ts'
import { algorithmOf, algorithmsOf, type VerificationKey } from './key-algorithm.ts'
import type { VerifyRules } from './rules.ts'
import type { JsonObject } from './strict-json.ts'
import { importJwk, type KeyTable } from './trusted-keys.ts'

/** The key that a signature is verified with. */
export interface SelectedKey {
  readonly publicKey: KeyObject
  /** Until when the key may be used, in milliseconds since the epoch; infinite where no certificate limits it. */
  readonly untilMs: number
}

/**
 * Finds the key for a token. A trusted `kid` decides alone: beside it, an embedded key has no say.
 *
 * @returns The reason when no trusted key is found, or when it is not for the algorithm of the token.
 */
export function selectKey(
  header: TokenHeaderClaims,
  table: KeyTable,
  rules: VerifyRules,
  nowMs: number,
): SelectedKey | VerifyReason {
  const found = rules.insecureEmbeddedKeyFirst
    ? (byCertificates(header, table, nowMs) ?? byJwk(header, table, rules, nowMs) ?? byId(header, table, rules, nowMs))
    : (byTrustedId(header, table, rules, nowMs) ?? byCertificates(header, table, nowMs))
  if (found === undefined) return header.kid === undefined ? 'no_key' : 'untrusted_key'
  if (typeof found === 'string') return found

  const possible = rules.insecureAnyAlgorithmOfKey ? algorithmsOf(found.publicKey) : [found.algorithm]
  return possible.includes(header.alg) ? found : 'algorithm_refused'
}

type Found = (SelectedKey & { readonly algorithm: TokenHeaderClaims['alg'] | undefined }) | VerifyReason | undefined

function byTrustedId(header: TokenHeaderClaims, table: KeyTable, rules: VerifyRules, nowMs: number): Found {
  return header.kid !== undefined && table.byId.has(header.kid) ? byId(header, table, rules, nowMs) : undefined
}

function byId({ kid }: TokenHeaderClaims, table: KeyTable, rules: VerifyRules, nowMs: number): Found {
  const key = kid === undefined ? undefined : table.byId.get(kid)
  return key && usable(key, rules, nowMs)
}

function usable({ publicKey, algorithm, certificate }: VerificationKey, rules: VerifyRules, nowMs: number): Found {
  if (!certificate || rules.insecureEndedCertificates) {
    return { publicKey, algorithm, untilMs: Number.POSITIVE_INFINITY }
  }
  if (!holdsAt(certificate, nowMs)) return 'untrusted_certificate'
  return { publicKey, algorithm, untilMs: certificate.untilMs }
}

function byCertificates({ x5c }: TokenHeaderClaims, table: KeyTable, nowMs: number): Found {
  if (!x5c) return undefined
  const certified = followCertificates(x5c, table.roots, nowMs)
  return certified ? { ...certified, algorithm: algorithmOf(certified.publicKey) } : 'untrusted_certificate'
}

/** A key in the header says at most which trusted key it is; it is never trusted for being there. */
function byJwk({ jwk }: TokenHeaderClaims, table: KeyTable, rules: VerifyRules, nowMs: number): Found {
  if (!jwk) return undefined
  const publicKey = importMembers(jwk)
  const algorithm = publicKey && algorithmOf(publicKey)
  if (!publicKey || !algorithm) return 'untrusted_key'

  const chain = readX5c(jwk.get('x5c'))
  const kid = jwk.get('kid')
  if (chain === undefined || (kid !== undefined && typeof kid !== 'string')) return 'header_refused'
  if (chain.length > 0) {
    if (kid !== undefined && kid !== libtrustKeyId(publicKey)) return 'untrusted_key'
    const certified = followCertificates(chain, table.roots, nowMs)
    if (!certified) return 'untrusted_certificate'
    return certified.publicKey.equals(publicKey) ? { ...certified, algorithm } : 'untrusted_key'
  }

  const id = thumbprint(publicKey)
  const isNamed =
    rules.insecureEmbeddedJwk === 'libtrust' ? kid === undefined || kid === libtrustKeyId(publicKey) : kid === id
  const trusted = isNamed ? table.byThumbprint.get(id) : undefined
  return trusted ? usable(trusted, rules, nowMs) : 'untrusted_key'
}

function importMembers(jwk: JsonObject): KeyObject | undefined {
  const members: JWK = {}
  for (const name of ['kty', 'crv', 'x', 'y', 'n', 'e'] as const) {
    const value = jwk.get(name)
    if (typeof value === 'string') members[name] = value
  }
  return importJwk(members)
}
