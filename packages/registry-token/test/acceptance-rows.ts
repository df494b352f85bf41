import type { TrustedKeyMaterial } from '../src/verify/trusted-keys.ts'
import { certify, type TestCertificate } from './certificates.ts'
import { claims, ecKey, edKey, forge, jwksOf, NOW, rsaKey, type TestKey } from './forge.ts'

/** In the order of {@link AcceptanceRow.expected}. */
export const COLUMNS = ['2.x', '3.x', 'strict'] as const
const yes = 'granted'

const keys = {
  rsa: rsaKey(),
  ec: ecKey(),
  p384: ecKey('P-384'),
  ed: edKey(),
  /** Its x begins with a zero byte, which the 3.1 registry drops. */
  zero: zeroKey(),
}
let authority: TestCertificate
const own = new Map<TestKey, TestCertificate>()
const leaf = new Map<TestKey, TestCertificate>()
const ended = new Map<TestKey, TestCertificate>()

/** Makes the certificates of the rows; before the first test. */
export async function certifyRows(): Promise<void> {
  authority = await certify(ecKey(), { ca: true })
  for (const key of Object.values(keys)) {
    own.set(key, await certify(key, key === keys.rsa ? { ca: true, usage: null } : {}))
    leaf.set(key, await certify(key, { issuer: authority }))
    ended.set(key, await certify(key, { untilMs: NOW - 1000 }))
  }
}

function zeroKey(): TestKey {
  for (;;) {
    const key = ecKey()
    if (Buffer.from(key.jwk.x ?? '', 'base64url')[0] === 0) return key
  }
}

const certificate = (of: Map<TestKey, TestCertificate>, key: TestKey): TestCertificate => {
  const found = of.get(key)
  if (!found) throw new Error('not certified')
  return found
}
const mine = (key: TestKey) => certificate(own, key)
const issued = (key: TestKey) => certificate(leaf, key)
const gone = (key: TestKey) => certificate(ended, key)

/** One token, what a verifier trusts, and what becomes of it. */
export interface AcceptanceRow {
  readonly what: string
  readonly key?: TestKey
  readonly alg?: string
  readonly header: (key: TestKey) => Record<string, unknown>
  readonly trust: (key: TestKey) => TrustedKeyMaterial
  readonly payload?: Record<string, unknown>
  /** `granted`, or the reason; in the order of COLUMNS. */
  readonly expected: readonly [string, string, string]
  /** Registry 3 answers otherwise than its column says, because of a defect. */
  readonly defectOf3?: true
  /** Registry 2.8 cannot be configured to trust this. */
  readonly only3?: true
}

const bundled = (key: TestKey): TrustedKeyMaterial => ({ certificates: mine(key).pem })
const underAuthority = (): TrustedKeyMaterial => ({ certificates: authority.pem })
const jwksWith =
  (kid: (key: TestKey) => string) =>
  (key: TestKey): TrustedKeyMaterial => ({ jwks: jwksOf({ key, kid: kid(key) }) })
const x5cOf =
  (...of: readonly ((key: TestKey) => TestCertificate)[]) =>
  (key: TestKey) => ({ x5c: of.map((get) => get(key).x5c) })

const no = 'untrusted_certificate'
const noKey = 'untrusted_key'
const noJwk = 'header_refused'
const badAlg = 'algorithm_refused'

/**
 * What Distribution's registries take, as it was measured on 2.8 and 3.1, and what our own rules make of the same token.
 * 3.0 and 3.1 have defects with EC thumbprints (3.0 hashes the curve, 3.1 drops leading zeros); those are not repeated.
 */
// biome-ignore format: a table, to be compared with the registries by eye.
export const ACCEPTANCE_ROWS: readonly AcceptanceRow[] = [
  { what: 'x5c of a bundled certificate, RS256', key: keys.rsa, alg: 'RS256', header: x5cOf(mine), trust: bundled, expected: [yes, yes, yes] },
  { what: 'x5c of a bundled certificate, ES256', header: x5cOf(mine), trust: bundled, expected: [yes, yes, yes] },
  { what: 'x5c of a bundled certificate, ES384', key: keys.p384, alg: 'ES384', header: x5cOf(mine), trust: bundled, expected: [yes, yes, badAlg] },
  { what: 'x5c beside a libtrust kid', header: (key) => ({ ...x5cOf(mine)(key), kid: key.libtrust }), trust: bundled, expected: [yes, yes, yes] },
  { what: 'x5c beside a thumbprint kid', header: (key) => ({ ...x5cOf(mine)(key), kid: key.thumbprint }), trust: bundled, expected: [yes, yes, yes] },
  { what: 'x5c beside a kid of nobody', header: (key) => ({ ...x5cOf(mine)(key), kid: 'nobody' }), trust: bundled, expected: [yes, yes, yes] },
  { what: 'x5c = [leaf] under a bundled authority', header: x5cOf(issued), trust: underAuthority, expected: [yes, yes, yes] },
  { what: 'x5c = [leaf, authority]', header: x5cOf(issued, () => authority), trust: underAuthority, expected: [yes, yes, yes] },
  { what: 'x5c in the wrong order', header: x5cOf(() => authority, issued), trust: underAuthority, expected: [no, no, no] },
  { what: 'x5c of a stranger', header: x5cOf(mine), trust: underAuthority, expected: [no, no, no] },
  { what: 'x5c in base64url', header: (key) => ({ x5c: [Buffer.from(mine(key).x5c, 'base64').toString('base64url')] }), trust: bundled, expected: [no, no, no] },
  { what: 'x5c of a bundled certificate that ended', header: x5cOf(gone), trust: (key) => ({ certificates: gone(key).pem }), expected: [no, no, no] },
  { what: 'x5c where only a JWKS is configured', header: x5cOf(mine), trust: jwksWith((key) => key.libtrust), expected: [no, no, no], only3: true },
  { what: 'jwk with the chain inside, no kid', header: (key) => ({ jwk: { ...key.jwk, ...x5cOf(mine)(key) } }), trust: bundled, expected: [yes, yes, noJwk] },
  { what: 'jwk with the chain inside, libtrust kid', header: (key) => ({ jwk: { ...key.jwk, kid: key.libtrust, ...x5cOf(mine)(key) } }), trust: bundled, expected: [yes, yes, noJwk] },
  { what: 'kid = libtrust id, bundle only', header: (key) => ({ kid: key.libtrust }), trust: bundled, expected: [yes, noKey, yes] },
  { what: 'kid = libtrust id, JWKS that lists it', header: (key) => ({ kid: key.libtrust }), trust: jwksWith((key) => key.libtrust), expected: [noKey, yes, yes], only3: true },
  { what: 'kid = thumbprint, RSA', key: keys.rsa, alg: 'RS256', header: (key) => ({ kid: key.thumbprint }), trust: bundled, expected: [noKey, yes, yes] },
  { what: 'kid = thumbprint, EC', header: (key) => ({ kid: key.thumbprint }), trust: bundled, expected: [noKey, yes, yes] },
  { what: 'kid = thumbprint, EC with a leading zero', key: keys.zero, header: (key) => ({ kid: key.thumbprint }), trust: bundled, expected: [noKey, yes, yes], defectOf3: true },
  { what: 'kid = own text, JWKS that lists it', header: () => ({ kid: '2026-a' }), trust: jwksWith(() => '2026-a'), expected: [noKey, yes, yes], only3: true },
  { what: 'jwk without kid', header: (key) => ({ jwk: key.jwk }), trust: bundled, expected: [yes, noKey, noJwk] },
  { what: 'jwk with kid = thumbprint', header: (key) => ({ jwk: { ...key.jwk, kid: key.thumbprint } }), trust: bundled, expected: [noKey, yes, noJwk] },
  { what: 'EdDSA with x5c', key: keys.ed, alg: 'EdDSA', header: x5cOf(mine), trust: bundled, expected: [badAlg, yes, badAlg], only3: true },
  { what: 'PS256 with x5c', key: keys.rsa, alg: 'PS256', header: x5cOf(mine), trust: bundled, expected: [badAlg, yes, badAlg] },
  { what: 'PS384 with x5c', key: keys.rsa, alg: 'PS384', header: x5cOf(mine), trust: bundled, expected: [badAlg, yes, badAlg] },
  { what: 'PS512 with x5c', key: keys.rsa, alg: 'PS512', header: x5cOf(mine), trust: bundled, expected: [badAlg, yes, badAlg] },
  { what: 'RS384 with x5c', key: keys.rsa, alg: 'RS384', header: x5cOf(mine), trust: bundled, expected: [yes, yes, badAlg] },
  { what: 'RS512 with x5c', key: keys.rsa, alg: 'RS512', header: x5cOf(mine), trust: bundled, expected: [yes, yes, badAlg] },
  { what: 'kid = libtrust id of a bundled certificate that ended', header: (key) => ({ kid: key.libtrust }), trust: (key) => ({ certificates: gone(key).pem }), expected: [yes, noKey, no] },
  { what: 'kid = thumbprint of a bundled certificate that ended', header: (key) => ({ kid: key.thumbprint }), trust: (key) => ({ certificates: gone(key).pem }), expected: [noKey, yes, no] },
  { what: 'aud as an array', header: x5cOf(mine), trust: bundled, payload: { aud: ['my-registry'] }, expected: ['malformed_claims', yes, yes] },
  { what: 'no x5c, jwk or kid', header: () => ({}), trust: bundled, expected: ['no_key', 'no_key', 'no_key'] },
  { what: 'no nbf and no iat', header: x5cOf(mine), trust: bundled, payload: { nbf: undefined, iat: undefined }, expected: [yes, yes, 'malformed_claims'] },
  { what: 'no typ', header: (key) => ({ ...x5cOf(mine)(key), typ: undefined }), trust: bundled, expected: [yes, yes, 'wrong_type'] },
  { what: 'HS256 over the public key', alg: 'HS256', header: (key) => ({ kid: key.libtrust }), trust: bundled, expected: [badAlg, badAlg, badAlg] },
]

/** The token of a row. */
export function tokenOf({ key = keys.ec, alg = 'ES256', header, payload }: AcceptanceRow): string {
  const signingKey = alg.startsWith('HS') ? key.publicKey : key.privateKey
  return forge({ alg, typ: 'JWT', ...header(key) }, claims(payload), signingKey)
}

/** What the verifier of a row trusts. */
export const trustOf = ({ key = keys.ec, trust }: AcceptanceRow): TrustedKeyMaterial => trust(key)
