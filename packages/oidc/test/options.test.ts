import { inspect } from 'node:util'
import { type OidcAuthOptions, oidcAuth } from '@lockkeeper/oidc'
import { describe, expect, it } from 'vitest'
import { problemsOf as problemsOfCall } from '../../../test/outcomes.ts'
import { parseOidcAuthOptions } from '../src/options.ts'

const RIGHT = { issuer: 'https://idp.example.com/realms/one', clientId: 'lockkeeper', clientSecret: 'client-secret' }
const problemsOf = (options: object) => {
  try {
    parseOidcAuthOptions(options as OidcAuthOptions)
    return []
  } catch (error) {
    return (error as { problems: { path: string }[] }).problems.map(({ path }) => path)
  }
}

describe('the options', () => {
  it('OPS-04: need an issuer and a client id, and have safe defaults', () => {
    expect(problemsOf({})).toEqual(['issuer', 'clientId'])
    expect(parseOidcAuthOptions(RIGHT)).toMatchObject({
      mode: 'oidc_auth',
      algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
      clockSkewSeconds: 30,
      insecureAllowPlaintext: false,
      insecureIdTokenInUrl: false,
      trustedAudiences: [],
    })
  })

  it.each<[string, object, string]>([
    ['plain HTTP', { issuer: 'http://idp.example.com' }, 'issuer'],
    [
      'plain HTTP to another machine, even when allowed',
      { issuer: 'http://192.0.2.1', insecureAllowPlaintext: true },
      'issuer',
    ],
    [
      'plain HTTP to a name that begins like this machine',
      { issuer: 'http://localhost.evil.test', insecureAllowPlaintext: true },
      'issuer',
    ],
    ['a password in the issuer', { issuer: 'https://a:b@idp.example.com' }, 'issuer'],
    ['a query in the issuer', { issuer: 'https://idp.example.com/?a=b' }, 'issuer'],
    ['an algorithm by shared secret', { algorithms: ['HS256'] }, 'algorithms[0]'],
    ['the algorithm none', { algorithms: ['none'] }, 'algorithms[0]'],
    ['no algorithm', { algorithms: [] }, 'algorithms'],
    ['more skew than a minute', { clockSkewSeconds: 61 }, 'clockSkewSeconds'],
    ['scopes without openid', { scopes: ['profile'] }, 'scopes'],
    ['a scope with a blank', { scopes: ['openid', 'a b'] }, 'scopes[1]'],
    ['a parameter that is ours', { extraParameters: { nonce: 'x' } }, 'extraParameters.nonce'],
    ['an admin group without a claim', { adminGroup: 'admins' }, 'groupsClaim'],
    ['a filter without a claim', { groupFilter: '*' }, 'groupsClaim'],
    ['an instance that is no name', { instance: 'Corp/One' }, 'instance'],
    ['an unknown key', { verifyCert: false }, ''],
  ])('OPS-04: refuse %s', (_what, change, path) => {
    expect(problemsOf({ ...RIGHT, ...change })).toEqual([path])
  })

  it('say what to write instead', () => {
    const wrong = {
      issuer: 'http://idp.example.com',
      clientID: 'lockkeeper',
      clientSecret: '',
      extraParameters: { state: 'x' },
      groupFilter: 5,
      adminGroup: 'admins',
      tls: { caFile: 'ca.pem', ca: 'pem' },
    }
    const problems = problemsOfCall(() => oidcAuth(wrong as never)).join('\n')
    for (const line of [
      'has no clientID; there are issuer, clientId, clientSecret, ',
      'clientId must be a non-empty string',
      'clientSecret must be a non-empty string',
      'extraParameters.state is set by Lockkeeper',
      'groupFilter must be a text or a list of texts',
      'tls has no caFile; there are ca',
      'issuer must be an https URL',
      'groupsClaim must name the claim',
    ]) {
      expect(problems).toContain(line)
    }
    expect(problems).not.toMatch(/Invalid input|Unrecognized/)
  })

  it('name the mode of a second provider', () => {
    const { externalLogin, authenticator } = oidcAuth({ ...RIGHT, instance: 'corp', name: 'Corp' })
    expect([externalLogin.mode, authenticator.mode, externalLogin.name]).toEqual([
      'oidc_auth/corp',
      'oidc_auth/corp',
      'Corp',
    ])
    expect(oidcAuth(RIGHT).externalLogin.name).toBe('idp.example.com')
  })

  it('refuse authorities that are no certificates, before the first login', () => {
    expect(() => oidcAuth({ ...RIGHT, tls: { ca: 'nonsense' } })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIGURATION' }),
    )
  })

  it('OBS-01: never show the client secret', () => {
    const settings = parseOidcAuthOptions(RIGHT)
    expect(inspect(settings, { depth: 5 }) + JSON.stringify(settings)).not.toContain('client-secret')
    expect(inspect(oidcAuth(RIGHT), { depth: 9, showHidden: true })).not.toContain('client-secret')
  })
})

it('as an authenticator, without a Harbor database, knows nobody', async () => {
  const { authenticator } = oidcAuth(RIGHT)
  const call = { signal: AbortSignal.timeout(1000) }
  const candidate = await authenticator.lookUp({ typed: 'jane', canonical: 'jane' }, call)
  expect(candidate.account).toBeUndefined()
  expect(await candidate.verify('anything', call)).toEqual({ outcome: 'abstained' })
})
