import {
  constants,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign as signBytes,
} from 'node:crypto'
import type { Clock } from '@lockkeeper/core'
import { libtrustKeyId, publicJwk, thumbprint } from '../src/keys/key-id.ts'
import type { TokenAccessControllerOptions } from '../src/verify/options.ts'
import { tokenAccessController } from '../src/verify/token-access-controller.ts'
import { trustedKeys } from '../src/verify/trusted-keys.ts'
import { stoppedClock } from './clock.ts'

/** When all forged tokens are made: in a whole second, and near enough to now that a real registry takes them too. */
export const NOW = Math.floor(Date.now() / 1000) * 1000
const SECONDS = NOW / 1000

/** A key pair with what a JWKS says about it. */
export interface TestKey {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly libtrust: string
  readonly thumbprint: string
  readonly jwk: JsonWebKey
}

export function testKey(privateKey: KeyObject): TestKey {
  const publicKey = createPublicKey(privateKey)
  const jwk = { ...publicJwk(publicKey) }
  return { privateKey, publicKey, libtrust: libtrustKeyId(publicKey), thumbprint: thumbprint(publicKey), jwk }
}

export const ecKey = (namedCurve = 'P-256'): TestKey => testKey(generateKeyPairSync('ec', { namedCurve }).privateKey)
export const rsaKey = (modulusLength = 2048): TestKey =>
  testKey(generateKeyPairSync('rsa', { modulusLength }).privateKey)
export const edKey = (): TestKey => testKey(generateKeyPairSync('ed25519').privateKey)

/** Claims that every profile accepts; a member set to `undefined` is left out. */
export const claims = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  iss: 'lockkeeper',
  sub: 'alice',
  aud: 'my-registry',
  exp: SECONDS + 300,
  nbf: SECONDS - 30,
  iat: SECONDS,
  jti: 'one',
  access: [{ type: 'repository', name: 'team/app', actions: ['pull'] }],
  ...changes,
})

/** Text is taken as it is, anything else printed as JSON. */
const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** Signs any header over any payload, in whatever algorithm the header names; broken ones included. */
export function forge(
  header: Record<string, unknown> | string,
  payload: unknown,
  key: KeyObject,
  alg?: string,
): string {
  const input = `${part(header)}.${part(payload)}`
  const algorithm = alg ?? (typeof header === 'string' ? 'ES256' : String(header.alg))
  return `${input}.${signature(input, key, algorithm).toString('base64url')}`
}

function signature(input: string, key: KeyObject, alg: string): Buffer {
  const data = Buffer.from(input)
  const hash = `sha${alg.slice(2)}`
  switch (alg.slice(0, 2)) {
    case 'ES':
      return signBytes(hash, data, { key, dsaEncoding: 'ieee-p1363' })
    case 'RS':
      return signBytes(hash, data, key)
    case 'PS':
      return signBytes(hash, data, {
        key,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      })
    case 'HS':
      return createHmac(hash, key.type === 'secret' ? key : key.export({ type: 'spki', format: 'pem' }))
        .update(data)
        .digest()
    default:
      return signBytes(null, data, key)
  }
}

export const PULL = [{ type: 'repository', name: 'team/app', action: 'pull' }]

/** A controller for forged tokens. */
export function controllerFor(
  material: Parameters<typeof trustedKeys>[0],
  options: Partial<TokenAccessControllerOptions> & { clock?: Clock } = {},
) {
  return tokenAccessController({
    realm: 'https://auth.example.com/service/token',
    service: 'my-registry',
    issuer: 'lockkeeper',
    keys: trustedKeys(material),
    clock: stoppedClock(NOW),
    ...options,
  })
}

/** A JWKS of keys under the libtrust id, or under one that is given. */
export const jwksOf = (...entries: readonly (TestKey | { key: TestKey; kid: string; alg?: string })[]) =>
  ({
    keys: entries.map((entry) =>
      'key' in entry
        ? { ...entry.key.jwk, kid: entry.kid, ...(entry.alg && { alg: entry.alg }) }
        : { ...entry.jwk, kid: entry.libtrust },
    ),
  }) as NonNullable<Parameters<typeof trustedKeys>[0]['jwks']>

/** `granted`, or the reason of the challenge. */
export async function outcomeOf(
  controller: ReturnType<typeof controllerFor>,
  token: string,
  needed = PULL,
): Promise<string> {
  const verified = await controller.authorize(`Bearer ${token}`, needed)
  return verified.outcome === 'granted' ? 'granted' : verified.reason
}
