import { describe, expect, it } from 'vitest'
import { createTokenService } from '../src/issue/token-service.ts'
import { generateKeys } from '../src/keys/generate.ts'
import { trustedKeys } from '../src/verify/trusted-keys.ts'
import { adminContext } from './context.ts'
import { claims, controllerFor, ecKey, forge, jwksOf, outcomeOf, PULL } from './forge.ts'

const key = ecKey()
const controller = controllerFor({ jwks: jwksOf(key) })
const header = { alg: 'ES256', typ: 'JWT', kid: key.libtrust }

/** What else may come as `Bearer`, each as its own issuer would make it. */
const idToken = claims({ iss: 'https://login.example.com', aud: 'lockkeeper-client', access: undefined, nonce: 'n' })
const refreshToken = claims({ aud: 'lockkeeper-refresh', access: undefined })
const accessToken = claims({ iss: 'https://login.example.com', aud: 'https://api.example.com', scope: 'openid' })

describe('VER-08: another kind of token is not a registry token', () => {
  it.each([
    [
      'an ID token of a provider, signed with a key that is not ours',
      header,
      idToken,
      ecKey().privateKey,
      'wrong_audience',
    ],
    ['an ID token signed with our key', header, idToken, key.privateKey, 'wrong_audience'],
    ['an ID token for our audience', header, { ...idToken, aud: 'my-registry' }, key.privateKey, 'wrong_issuer'],
    ['an access token of another API', header, accessToken, key.privateKey, 'wrong_audience'],
    ['a refresh token', header, refreshToken, key.privateKey, 'wrong_audience'],
    ['an OAuth access token by its type', { ...header, typ: 'at+jwt' }, claims(), key.privateKey, 'wrong_type'],
    ['a logout token by its type', { ...header, typ: 'logout+jwt' }, claims(), key.privateKey, 'wrong_type'],
    ['a token without type', { ...header, typ: undefined }, claims(), key.privateKey, 'wrong_type'],
    ['a type in another case', { ...header, typ: 'jwt' }, claims(), key.privateKey, 'wrong_type'],
    ['a type that is no text', { ...header, typ: ['JWT'] }, claims(), key.privateKey, 'wrong_type'],
  ])('%s', async (_what, head, payload, by, reason) => {
    expect(await outcomeOf(controller, forge(head, payload, by))).toBe(reason)
  })

  it('a token for one service is refused by another that trusts the same keys', async () => {
    const keys = await generateKeys({ algorithms: ['ES256'] })
    const service = createTokenService({ issuer: 'lockkeeper', services: { one: {}, two: {} }, keys })
    const material = { jwks: service.jwks(), certificates: service.pemBundle() }
    const answer = await service.issue({
      service: 'one',
      scopes: ['repository:team/app:pull'],
      context: adminContext(),
    })
    if (answer.outcome !== 'issued') throw new Error(answer.reason)
    const now = { wallMs: () => Date.now(), monotonicMs: () => 0, sleep: async () => {} }
    const at = (name: string) => controllerFor(material, { service: name, clock: now, keys: trustedKeys(material) })
    expect(await outcomeOf(at('one'), answer.token, PULL)).toBe('granted')
    expect(await outcomeOf(at('two'), answer.token, PULL)).toBe('wrong_audience')
  })

  it.each([
    ['an opaque secret', 'lkp_0123456789abcdef'],
    ['a session id', 'YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo'],
    ['an encrypted token', 'a.b.c.d.e'],
  ])('%s is no token at all', async (_what, text) => {
    expect(await outcomeOf(controller, text)).toBe('malformed_token')
  })
})
