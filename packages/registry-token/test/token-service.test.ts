import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import type { ServiceOptions } from '../src/issue/options.ts'
import { createTokenService } from '../src/issue/token-service.ts'
import type { SigningKeys } from '../src/keys/signing-keys.ts'
import { adminContext, anonymousContext, brokenContext, policyContext } from './context.ts'
import { NOW } from './forge.ts'
import { issued, pull, push, testServices } from './services.ts'

const { keys, one, serviceWith } = testServices()

describe('ISS-04: a token', () => {
  it('has exactly the claims that registries read, with integer times', async () => {
    const context = policyContext(['pull repository:team/app'])
    const answer = issued(await one().issue({ service: 'my-registry', scopes: pull, context }))

    const seconds = NOW / 1000
    expect(decodeJwt(answer.token)).toEqual({
      iss: 'lockkeeper',
      sub: 'alice',
      aud: 'my-registry',
      iat: seconds,
      nbf: seconds - 30,
      exp: seconds + 300,
      jti: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
      access: [{ type: 'repository', name: 'team/app', actions: ['pull'] }],
    })
    expect(answer).toMatchObject({ expiresInSeconds: 300, issuedAt: new Date(NOW), service: 'my-registry' })
  })

  it('has an id of 128 random bits, a new one each time', async () => {
    const service = one()
    const ids = new Set<string | undefined>()
    for (let i = 0; i < 50; i++) {
      ids.add(decodeJwt(issued(await service.issue({ scopes: [], context: adminContext() })).token).jti)
    }
    expect(ids.size).toBe(50)
  })

  it('has an empty subject and an access array also when it is anonymous and grants nothing', async () => {
    const answer = issued(await one().issue({ scopes: pull, context: anonymousContext() }))
    expect(decodeJwt(answer.token)).toMatchObject({ sub: '', access: [] })
    expect(answer.granted).toEqual([])
    expect(answer.requested).toEqual([{ type: 'repository', name: 'team/app', actions: ['pull'] }])
  })

  it.each(['ES256', 'RS256'] as const)('says in its header that it is a JWT signed with %s', async (algorithm) => {
    const answer = issued(await one({ algorithm }).issue({ scopes: [], context: adminContext() }))
    expect(decodeProtectedHeader(answer.token)).toMatchObject({ alg: algorithm, typ: 'JWT' })
  })

  it('names its key in the style of the service', async () => {
    const header = async (options: ServiceOptions) =>
      decodeProtectedHeader(issued(await one(options).issue({ scopes: [], context: adminContext() })).token)
    const key = await keys().signer('ES256')
    const alg = { alg: 'ES256', typ: 'JWT' }
    expect(await header({})).toEqual({ ...alg, kid: key.libtrustKeyId, x5c: key.certificates })
    expect(await header({ headerStyle: 'kid-libtrust' })).toEqual({ ...alg, kid: key.libtrustKeyId })
    expect(await header({ headerStyle: 'kid-thumbprint' })).toEqual({ ...alg, kid: key.thumbprint })
    expect(await header({ headerStyle: 'kid-custom', keyId: '2026-a' })).toEqual({ ...alg, kid: '2026-a' })
  })
})

describe('TOK-01: without credentials', () => {
  it('asking for nothing is refused with 401, since that is how a login is probed', async () => {
    expect(await one().issue({ scopes: [], context: anonymousContext() })).toMatchObject({
      outcome: 'refused',
      status: 401,
      code: 'UNAUTHORIZED',
      reason: 'scope_required',
    })
    expect(await one().issue({ scopes: ['', ' '], context: anonymousContext() })).toMatchObject({ status: 401 })
  })

  it('asking for something gets what everybody may do, and nothing more', async () => {
    const context = anonymousContext(['pull repository:team/app'])
    expect(issued(await one().issue({ scopes: push, context })).granted).toEqual([
      { type: 'repository', name: 'team/app', actions: ['pull'] },
    ])
  })

  it('a login probe with credentials gets a token without access', async () => {
    expect(issued(await one().issue({ scopes: [], context: policyContext([]) })).granted).toEqual([])
  })
})

describe('TOK-02: the service', () => {
  const two = () => serviceWith({ one: {}, two: {} })

  it('is the audience, as one string', async () => {
    const answer = issued(await two().issue({ service: 'two', scopes: pull, context: adminContext() }))
    expect(decodeJwt(answer.token).aud).toBe('two')
  })

  it.each([undefined, ''])('may be left out (%j) where there is only one', async (service) => {
    const request = { scopes: pull, context: adminContext(), ...(service !== undefined && { service }) }
    expect(issued(await one().issue(request)).service).toBe('my-registry')
    expect(await two().issue(request)).toMatchObject({ status: 400, code: 'UNSUPPORTED', reason: 'service_missing' })
  })

  it.each(['other', 'MY-REGISTRY', 'my-registry ', '__proto__', 'constructor', 'toString'])(
    'is refused with 400 when it is unknown: %s',
    async (service) => {
      const context = policyContext([])
      expect(await one().issue({ service, scopes: pull, context })).toMatchObject({
        outcome: 'refused',
        status: 400,
        reason: 'unknown_service',
      })
      expect(context.asked).toEqual([])
    },
  )

  it('has its own life, algorithm, names and filters', async () => {
    const service = serviceWith({
      plain: {},
      content: {
        algorithm: 'RS256',
        filters: {
          artifact: { question: () => ({ action: 'read', resource: { kind: 'system', part: 'artifacts' } }) },
        },
      },
    })
    const context = policyContext(['read system:artifacts'])
    const scopes = ['artifact:any/thing:fetch']
    expect(issued(await service.issue({ service: 'plain', scopes, context })).granted).toEqual([])
    expect(issued(await service.issue({ service: 'content', scopes, context })).granted).toEqual([
      { type: 'artifact', name: 'any/thing', actions: ['fetch'] },
    ])
  })
})

describe('when something is out of order', () => {
  it('rights that cannot be read are an outage, not a refusal', async () => {
    await expect(one().issue({ scopes: pull, context: brokenContext() })).rejects.toMatchObject({
      code: 'ERR_BACKEND_UNAVAILABLE',
    })
  })

  it('a key whose certificate is gone is an outage for the services that need it', async () => {
    let certificates: readonly string[] = ['MIIB']
    const failing: SigningKeys = {
      ...keys(),
      published: () =>
        keys()
          .published()
          .map((key) => ({ ...key, certificates })),
      signer: async (algorithm) => ({ ...(await keys().signer(algorithm)), certificates }),
    }
    const service = createTokenService({ issuer: 'i', services: { s: {} }, keys: failing })
    certificates = []
    await expect(service.issue({ scopes: pull, context: adminContext() })).rejects.toMatchObject({
      code: 'ERR_BACKEND_UNAVAILABLE',
    })
  })
})
