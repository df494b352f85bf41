import { describe, expect, it } from 'vitest'
import { trustedKeys } from '../src/verify/trusted-keys.ts'
import { claims, controllerFor, ecKey, forge, jwksOf, NOW, outcomeOf, PULL, rsaKey } from './forge.ts'

const key = ecKey()
const controller = controllerFor({ jwks: jwksOf(key) })
const header = { alg: 'ES256', typ: 'JWT', kid: key.libtrust }
const token = forge(header, claims(), key.privateKey)
const CHALLENGE = 'Bearer realm="https://auth.example.com/service/token",service="my-registry"'
const push = [...PULL, { type: 'repository', name: 'team/app', action: 'push' }]

describe('a token that covers what is needed', () => {
  it('is granted, with its subject, its access and what it is', async () => {
    expect(await controller.authorize(`Bearer ${token}`, PULL)).toEqual({
      outcome: 'granted',
      subject: 'alice',
      access: [{ type: 'repository', name: 'team/app', actions: ['pull'] }],
      token: { issuer: 'lockkeeper', audience: 'my-registry', id: 'one', expiresAt: new Date(NOW + 300_000) },
    })
  })

  it.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('is granted whatever the case of %s', async (scheme) => {
    expect(await controller.authorize(`${scheme} ${token}`, PULL)).toMatchObject({ outcome: 'granted' })
  })
})

describe('the challenge', () => {
  it('has no error when no token was presented', async () => {
    for (const authorization of [undefined, '', 'Basic YWxpY2U6c2VjcmV0', 'Negotiate abc', 'Bearerx y', ' ']) {
      expect(await controller.authorize(authorization, [])).toEqual({
        outcome: 'challenge',
        challenge: CHALLENGE,
        reason: 'no_token',
      })
    }
  })

  it('says invalid_token for whatever is wrong with a token, and the operator learns what', async () => {
    const wrong: readonly [string, string][] = [
      ['abc', 'malformed_token'],
      [forge({ ...header, alg: 'none' }, claims(), key.privateKey, 'ES256'), 'algorithm_refused'],
      [forge({ ...header, typ: 'at+jwt' }, claims(), key.privateKey), 'wrong_type'],
      [forge({ ...header, kid: 'other' }, claims(), key.privateKey), 'untrusted_key'],
      [forge(header, claims(), ecKey().privateKey), 'bad_signature'],
      [forge(header, claims({ exp: 1, iat: 0, nbf: 0 }), key.privateKey), 'expired'],
      [forge(header, claims({ aud: 'other' }), key.privateKey), 'wrong_audience'],
    ]
    for (const [presented, reason] of wrong) {
      expect(await controller.authorize(`Bearer ${presented}`, [])).toEqual({
        outcome: 'challenge',
        challenge: `${CHALLENGE},error="invalid_token"`,
        error: 'invalid_token',
        reason,
      })
    }
  })

  it.each([
    'Bearer',
    'Bearer ',
    `Bearer  ${token}`,
    `Bearer ${token} `,
    `Bearer ${token} more`,
    `Bearer ${token}, Bearer x`,
  ])('says invalid_token for a header that is not Bearer and one word: %#', async (authorization) => {
    expect(await controller.authorize(authorization, [])).toMatchObject({
      error: 'invalid_token',
      reason: 'malformed_header',
    })
  })

  it('says insufficient_scope, and which scope, when the token is good and grants too little', async () => {
    expect(await controller.authorize(`Bearer ${token}`, push)).toEqual({
      outcome: 'challenge',
      challenge: `${CHALLENGE},scope="repository:team/app:pull,push",error="insufficient_scope"`,
      error: 'insufficient_scope',
      reason: 'insufficient_scope',
    })
  })

  it('names one scope for each resource, separated by spaces', async () => {
    const needed = [...push, { type: 'repository', name: 'team/base', action: 'pull' }]
    const verified = await controller.authorize(undefined, needed)
    expect(verified).toMatchObject({
      challenge: `${CHALLENGE},scope="repository:team/app:pull,push repository:team/base:pull"`,
    })
  })

  it('is built from configuration alone, with quotes escaped', async () => {
    const quoted = controllerFor({ jwks: jwksOf(key) }, { service: 'say "hi" \\ there' })
    expect(await quoted.authorize('Bearer "injected"\r\nX: y', [])).toMatchObject({
      challenge: expect.stringContaining('service="say \\"hi\\" \\\\ there"'),
    })
    const { challenge } = (await quoted.authorize('Bearer "injected"\r\nX: y', [])) as { challenge: string }
    expect(challenge).not.toContain('injected')
  })
})

describe('several issuers', () => {
  const other = rsaKey()
  const both = controllerFor(
    { jwks: jwksOf(key) },
    { otherIssuers: [{ issuer: 'partner', keys: trustedKeys({ jwks: jwksOf(other) }) }] },
  )
  const byPartner = (iss: string) =>
    forge({ alg: 'RS256', typ: 'JWT', kid: other.libtrust }, claims({ iss }), other.privateKey)

  it('have keys of their own: the key of one never signs for another', async () => {
    expect(await outcomeOf(both, byPartner('partner'))).toBe('granted')
    expect(await outcomeOf(both, byPartner('lockkeeper'))).toBe('untrusted_key')
    expect(await outcomeOf(both, forge(header, claims({ iss: 'partner' }), key.privateKey))).toBe('untrusted_key')
    expect(await outcomeOf(both, token)).toBe('granted')
  })

  it('are named once each', () => {
    const keys = trustedKeys({ jwks: jwksOf(other) })
    expect(() => controllerFor({ jwks: jwksOf(key) }, { otherIssuers: [{ issuer: 'lockkeeper', keys }] })).toThrow(
      /twice/,
    )
  })
})

describe('OPS-04: a verifier does not start', () => {
  it.each([
    ['with an option that nobody knows', { audience: 'x' }, /audience/],
    ['without an algorithm', { rules: { algorithms: [] } }, /algorithms/],
    ['with an algorithm that does not exist for key pairs', { rules: { algorithms: ['HS256'] } }, /algorithms/],
    ['with a rule that nobody knows', { rules: { insecureAnything: true } }, /insecureAnything/],
    ['with a realm that no client can use', { realm: '/service/token' }, /realm/],
    ['with a realm of another scheme', { realm: 'ftp://auth.example.com/' }, /realm/],
    ['with a service that no challenge can carry', { service: 'a\r\nb' }, /service/],
  ])('%s', (_what, options, says) => {
    expect(() => controllerFor({ jwks: jwksOf(key) }, options as never)).toThrow(says)
  })
})
