import { createHmac } from 'node:crypto'
import type { OidcAuthOptions } from '@lockkeeper/oidc'
import type { Change, House } from './house.ts'
import { makeKey, type ScriptedKey } from './scripted-provider.ts'

/** An ID token that nobody may be let in by. */
export interface HostileIdToken {
  /** What is wrong with it. */
  readonly what: string
  /** What the operator reads. */
  readonly reason: string
  /** For a client that asks for more, or trusts more, than others. */
  readonly options?: Partial<OidcAuthOptions>
  /** What makes it wrong; it may change what the provider of the house publishes. */
  change(house: House): Change | Promise<Change>
}

type Claims = Readonly<Record<string, unknown>>

const now = ({ clock }: House): number => Math.floor(clock.wallMs() / 1000)

/** Every claim that can be wrong. */
// biome-ignore format: a table is read by eye.
const CLAIMS: readonly (readonly [what: string, claims: (house: House) => Claims, reason: string])[] = [
  ['no issuer',                                   () => ({ iss: undefined }),                                    'token_iss'],
  ['another issuer',                              () => ({ iss: 'https://elsewhere.test' }),                     'token_iss'],
  ['the issuer with a slash more',                ({ provider }) => ({ iss: `${provider.issuer}/` }),            'token_iss'],
  ['the issuer in an array',                      ({ provider }) => ({ iss: [provider.issuer] }),                'token_iss'],
  ['no audience',                                 () => ({ aud: undefined }),                                    'token_aud'],
  ['another audience',                            () => ({ aud: 'another-client' }),                             'token_aud'],
  ['an audience that begins like ours',           () => ({ aud: 'lockkeeper2' }),                                'token_aud'],
  ['an empty list of audiences',                  () => ({ aud: [] }),                                           'token_aud'],
  ['our audience inside another array',           () => ({ aud: [['lockkeeper']] }),                             'token_aud'],
  ['a second audience that is not trusted',       () => ({ aud: ['lockkeeper', 'other'], azp: 'lockkeeper' }),   'token_aud'],
  ['another authorized party',                    () => ({ azp: 'another-client' }),                             'token_azp'],
  ['an authorized party of another type',         () => ({ azp: ['lockkeeper'] }),                               'token_azp'],
  ['no subject',                                  () => ({ sub: undefined }),                                    'token_sub'],
  ['an empty subject',                            () => ({ sub: '' }),                                           'token_sub'],
  ['a subject that is a number',                  () => ({ sub: 7 }),                                            'token_sub'],
  ['a subject over 255 characters',               () => ({ sub: 'x'.repeat(256) }),                              'token_sub'],
  ['a subject that is not ASCII',                 () => ({ sub: 'jäne' }),                                       'token_sub'],
  ['no end',                                      () => ({ exp: undefined }),                                    'token_exp'],
  ['an end in the past',                          (house) => ({ exp: now(house) - 30 }),                         'token_exp'],
  ['an end that is text',                         (house) => ({ exp: String(now(house) + 300) }),                'token_exp'],
  ['an end beyond all integers',                  () => ({ exp: 2 ** 60 }),                                      'token_exp'],
  ['a start in the future',                       (house) => ({ nbf: now(house) + 31 }),                         'token_nbf'],
  ['no time of issue',                            () => ({ iat: undefined }),                                    'token_iat'],
  ['a time of issue in the future',               (house) => ({ iat: now(house) + 31 }),                         'token_iat'],
  ['a time of issue a week ago',                  (house) => ({ iat: now(house) - 7 * 86_400 }),                 'token_iat'],
  ['a time of issue that is null',                () => ({ iat: null }),                                         'token_iat'],
  ['no nonce',                                    () => ({ nonce: undefined }),                                  'token_nonce'],
  ['another nonce',                               () => ({ nonce: 'of another login' }),                         'token_nonce'],
  ['a wrong hash of the access token',            () => ({ at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }),                 'token_at_hash'],
  ['a hash of another type',                      () => ({ at_hash: 7 }),                                        'token_at_hash'],
  ['a time of login that is text',                () => ({ auth_time: 'yesterday' }),                            'token_auth_time'],
  ['the event of a logout token',                 () => ({ events: {} }),                                        'token_kind'],
  ['the type of an access token',                 () => ({ typ: 'Bearer' }),                                     'token_kind'],
]

/** ID tokens with a claim that is wrong. */
export const WRONG_CLAIMS: readonly HostileIdToken[] = [
  ...CLAIMS.map(([what, claims, reason]) => ({ what, reason, change: (house: House) => ({ claims: claims(house) }) })),
  {
    what: 'several audiences, all trusted, and no authorized party',
    reason: 'token_azp',
    options: { trustedAudiences: ['other'] },
    change: () => ({ claims: { aud: ['lockkeeper', 'other'] } }),
  },
  {
    what: 'no time of login where one was asked for',
    reason: 'token_auth_time',
    options: { maxAuthAgeSeconds: 60 },
    change: () => ({}),
  },
  {
    what: 'a login that is older than was asked for',
    reason: 'token_auth_time',
    options: { maxAuthAgeSeconds: 60 },
    change: (house) => ({ claims: { auth_time: now(house) - 91 } }),
  },
]

/** ID tokens that are wrongly signed, or not at all. */
export const WRONG_SIGNATURES: readonly HostileIdToken[] = [
  { what: 'no ID token at all', reason: 'token_missing', change: () => ({ token: () => undefined }) },
  { what: 'an empty ID token', reason: 'token_malformed', change: () => ({ token: () => '' }) },
  {
    what: 'the algorithm none and no signature',
    reason: 'token_malformed',
    change: () => ({ token: (token) => `${encode({ alg: 'none' })}.${token.split('.')[1]}.` }),
  },
  {
    what: 'the algorithm none and some signature',
    reason: 'token_alg',
    change: () => ({ token: (token) => `${encode({ alg: 'none' })}.${token.split('.')[1]}.AAAA` }),
  },
  {
    what: 'the algorithm in another case',
    reason: 'token_alg',
    change: () => ({ token: (token) => [encode({ alg: 'rs256' }), ...token.split('.').slice(1)].join('.') }),
  },
  {
    what: 'an HMAC with the client secret',
    reason: 'token_alg',
    change: () => ({ token: (token) => withHmac(token, 'client-secret') }),
  },
  {
    what: 'an HMAC with the public key',
    reason: 'token_alg',
    change: ({ key }) => ({ token: (token) => withHmac(token, JSON.stringify(key.jwk)) }),
  },
  { what: 'a bad RS256 signature', reason: 'token_signature', change: () => ({ token: spoil }) },
  {
    what: 'a bad ES256 signature',
    reason: 'token_signature',
    async change({ provider }) {
      const key = await makeKey('ES256', 'curve')
      publish(provider, [key])
      return { key, header: { alg: 'ES256', kid: 'curve' }, token: spoil }
    },
  },
  {
    what: 'the claims of another token',
    reason: 'token_signature',
    change: () => ({ token: (token) => withClaims(token, { sub: 'admin' }) }),
  },
  {
    what: 'a signature by another key',
    reason: 'token_signature',
    change: async () => ({ key: await makeKey('RS256', 'key-1') }),
  },
  {
    what: 'its own key in the header',
    reason: 'token_header',
    async change() {
      const own = await makeKey('RS256', 'key-1')
      return { key: own, header: { jwk: own.jwk } as Change['header'] & object }
    },
  },
  {
    what: 'the address of a key',
    reason: 'token_header',
    change: () => ({ header: { jku: 'https://evil.test/jwks' } as object }),
  },
  {
    what: 'certificates of its own',
    reason: 'token_header',
    change: () => ({ header: { x5c: ['MIIB'] } as object }),
  },
  { what: 'a key id that is a number', reason: 'token_kid', change: () => ({ header: { kid: 7 } as object }) },
  {
    what: 'the type of an access token in its header',
    reason: 'token_kind',
    change: () => ({ header: { typ: 'at+jwt' } }),
  },
  {
    what: 'an algorithm that the provider offers and the operator did not name',
    reason: 'token_alg',
    options: { algorithms: ['ES256'] },
    change: () => ({}),
  },
  {
    what: 'no key id where several keys fit',
    reason: 'token_kid',
    async change({ provider, key }) {
      publish(provider, [key, await makeKey('RS256', 'key-2')])
      return { header: { kid: undefined } }
    },
  },
  {
    what: 'a key id that two keys have',
    reason: 'token_kid',
    async change({ provider, key }) {
      publish(provider, [key, await makeKey('RS256', 'key-1')])
      return {}
    },
  },
  {
    what: 'one algorithm and a key of another',
    reason: 'token_kid',
    async change({ provider }) {
      const key = await makeKey('PS256', 'key-1')
      publish(provider, [{ ...key, jwk: { ...key.jwk, alg: 'RS256' } }])
      return { key, header: { alg: 'PS256' } }
    },
  },
]

/** Changes one character of the signature. */
function spoil(token: string): string {
  const [header, claims, signature = ''] = token.split('.')
  return [header, claims, (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1)].join('.')
}

/** Makes these the only keys of a provider. */
export const publish = ({ routes }: House['provider'], keys: readonly ScriptedKey[]): void => {
  routes.set('/jwks', () => ({ body: { keys: keys.map(({ jwk }) => jwk) } }))
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function withClaims(token: string, change: Claims): string {
  const [header, claims = '', signature] = token.split('.')
  const changed = { ...JSON.parse(Buffer.from(claims, 'base64url').toString()), ...change }
  return [header, encode(changed), signature].join('.')
}

function withHmac(token: string, secret: string): string {
  const signed = `${encode({ alg: 'HS256', kid: 'key-1' })}.${token.split('.')[1]}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}
