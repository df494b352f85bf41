import { decodeJwt, decodeProtectedHeader } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import type { TokenAnswer } from '../src/issue/contract.ts'
import type { ServiceOptions } from '../src/issue/options.ts'
import { createTokenService, MAX_ISSUED_TOKEN_BYTES } from '../src/issue/token-service.ts'
import { generateKeys } from '../src/keys/generate.ts'
import type { SigningKeys } from '../src/keys/signing-keys.ts'
import { stoppedClock } from './clock.ts'
import { adminContext, anonymousContext, brokenContext, policyContext } from './context.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
let keys: SigningKeys

beforeAll(async () => {
  keys = await generateKeys({ algorithms: ['ES256', 'RS256'], rsaBits: 2048, clock: stoppedClock(NOW) })
})

const serviceWith = (services: Record<string, ServiceOptions>, nowMs = NOW) =>
  createTokenService({ issuer: 'lockkeeper', services, keys, clock: stoppedClock(nowMs) })
const one = (options: ServiceOptions = {}, nowMs = NOW) => serviceWith({ 'my-registry': options }, nowMs)

type Issued = Extract<TokenAnswer, { outcome: 'issued' }>
function issued(answer: TokenAnswer): Issued {
  if (answer.outcome !== 'issued') throw new Error(`refused: ${answer.reason}`)
  return answer
}

const pull = ['repository:team/app:pull']
const push = ['repository:team/app:pull,push']

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
    const key = await keys.signer('ES256')
    const alg = { alg: 'ES256', typ: 'JWT' }
    expect(await header({})).toEqual({ ...alg, kid: key.libtrustKeyId, x5c: key.certificates })
    expect(await header({ headerStyle: 'kid-libtrust' })).toEqual({ ...alg, kid: key.libtrustKeyId })
    expect(await header({ headerStyle: 'kid-thumbprint' })).toEqual({ ...alg, kid: key.thumbprint })
    expect(await header({ headerStyle: 'kid-custom', keyId: '2026-a' })).toEqual({ ...alg, kid: '2026-a' })
  })
})

describe('the life of a token', () => {
  const life = async (options: ServiceOptions, scopes: readonly string[], nowMs = NOW) => {
    const answer = issued(await one(options, nowMs).issue({ scopes, context: adminContext() }))
    const { exp = 0, iat = 0 } = decodeJwt(answer.token)
    return { life: exp - iat, left: exp - nowMs / 1000, told: answer.expiresInSeconds }
  }

  it('is five minutes unless the service says otherwise, for pushes too', async () => {
    expect((await life({}, pull)).life).toBe(300)
    expect((await life({}, push)).life).toBe(300)
  })

  it('is longer only where push was granted', async () => {
    const options = { expiresInSeconds: 120, pushExpiresInSeconds: 3600 }
    expect((await life(options, pull)).life).toBe(120)
    expect((await life(options, push)).life).toBe(3600)
    expect((await life(options, ['repository:team/app:*'])).life).toBe(3600)
    expect((await life(options, ['repository:team/app:delete'])).life).toBe(120)
  })

  it('is told to the client as what is left of it, at any millisecond', async () => {
    for (const ms of [0, 1, 499, 500, 999]) {
      const { left, told } = await life({ expiresInSeconds: 900 }, pull, NOW + ms)
      expect(told).toBeLessThanOrEqual(left)
      expect(told).toBeGreaterThan(left - 1)
    }
  })

  it('is never told as less than 60 seconds, which clients would take for 60', async () => {
    for (const ms of [0, 1, 999]) {
      const { left, told } = await life({ expiresInSeconds: 60 }, pull, NOW + ms)
      expect(told).toBe(60)
      expect(left).toBeGreaterThanOrEqual(60)
    }
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

describe('ISS-03: limits', () => {
  const refusal = async (scopes: readonly string[], context = adminContext()) => {
    const answer = await one().issue({ scopes, context })
    return answer.outcome === 'refused' ? { status: answer.status, reason: answer.reason } : undefined
  }
  const many = (count: number, actions = 'pull') =>
    Array.from({ length: count }, (_, i) => `repository:team/app${i}:${actions}`)
  const actions = (count: number) => Array.from({ length: count }, (_, i) => `a${i}`).join(',')

  it('one hundred scopes, however they are packed', async () => {
    expect(await refusal(many(100), policyContext([]))).toBeUndefined()
    expect(await refusal(many(101), policyContext([]))).toEqual({ status: 400, reason: 'too_many_scopes' })
    expect(await refusal([many(101).join(' ')], policyContext([]))).toEqual({ status: 400, reason: 'too_many_scopes' })
  })

  it('sixteen actions for a scope', async () => {
    expect(await refusal([`repository:team/app:${actions(16)}`])).toBeUndefined()
    expect(await refusal([`repository:team/app:${actions(17)}`])).toEqual({ status: 400, reason: 'too_many_actions' })
  })

  it('512 bytes for a scope', async () => {
    expect(await refusal([`repository:team/app:${'a'.repeat(512 - 20)}`])).toBeUndefined()
    expect(await refusal([`repository:team/app:${'a'.repeat(512 - 19)}`])).toMatchObject({ reason: 'scope_too_long' })
  })

  it('6 KiB for a token: the largest one that fits is issued, one more repository is 400', async () => {
    const sizes: number[] = []
    for (let count = 1; count <= 100; count++) {
      const answer = await one().issue({ scopes: many(count, 'pull,push,delete'), context: adminContext() })
      if (answer.outcome === 'refused') {
        expect(answer).toMatchObject({ status: 400, reason: 'token_too_large' })
        break
      }
      sizes.push(answer.token.length)
    }
    expect(sizes.length).toBeGreaterThan(30)
    expect(sizes.length).toBeLessThan(100)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_ISSUED_TOKEN_BYTES)
  })

  it('takes under 20 ms to refuse a megabyte of scopes', async () => {
    const service = one()
    await service.issue({ scopes: pull, context: adminContext() })
    const megabyte = ['repository:a/b:pull '.repeat(52_000), `${'a:'.repeat(500_000)}`]
    const startedAt = performance.now()
    expect(await service.issue({ scopes: megabyte, context: adminContext() })).toMatchObject({ status: 400 })
    expect(performance.now() - startedAt).toBeLessThan(20)
  })
})

describe('a request that is not well-formed', () => {
  it.each([
    'repository:team/app:latest:pull',
    'repository:ex.com:port/app:pull',
    'repository:Team/App:pull',
    'repository:team//app:pull',
    'repository:/team/app:pull',
    'repository:team/app/:pull',
    'repository:a___b:pull',
    'repository:-app:pull',
    'repository:team/*:pull',
    'repository:a/b:pull,repository:c/d:pull',
    'Repository:team/app:pull',
    'repository(:team/app:pull',
    ':team/app:pull',
    'repository:pull',
    `repository:${'a'.repeat(256)}:pull`,
    'repository:[::1]:5000/app:pull',
    'repository:team/../admin:pull',
    'repository:team/%61pp:pull',
    'repository:team/äpp:pull',
  ])('is refused as a whole with 400: %s', async (scope) => {
    const context = policyContext([])
    expect(await one().issue({ scopes: ['repository:team/app:pull', scope], context })).toMatchObject({
      outcome: 'refused',
      status: 400,
      code: 'NAME_INVALID',
    })
    expect(context.asked).toEqual([])
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
      ...keys,
      published: () => keys.published().map((key) => ({ ...key, certificates })),
      signer: async (algorithm) => ({ ...(await keys.signer(algorithm)), certificates }),
    }
    const service = createTokenService({ issuer: 'i', services: { s: {} }, keys: failing })
    certificates = []
    await expect(service.issue({ scopes: pull, context: adminContext() })).rejects.toMatchObject({
      code: 'ERR_BACKEND_UNAVAILABLE',
    })
  })
})

describe('OPS-04: createTokenService refuses to start', () => {
  const problems = (options: unknown) => {
    try {
      createTokenService(options as Parameters<typeof createTokenService>[0])
    } catch (error) {
      return (error as { problems?: unknown }).problems
    }
    return 'started'
  }

  it.each([
    { what: 'an unknown option', services: { s: { expires: 5 } }, path: 'services.s', says: /expires/ },
    { what: 'no service', services: {}, path: 'services', says: /at least one service/ },
    {
      what: 'a life under a minute',
      services: { s: { expiresInSeconds: 59 } },
      path: 'services.s.expiresInSeconds',
      says: /60/,
    },
    {
      what: 'a life over 15 minutes',
      services: { s: { expiresInSeconds: 901 } },
      path: 'services.s.expiresInSeconds',
      says: /900/,
    },
    {
      what: 'a push life over an hour',
      services: { s: { pushExpiresInSeconds: 3601 } },
      path: 'services.s.pushExpiresInSeconds',
      says: /3600/,
    },
    {
      what: 'half a second',
      services: { s: { expiresInSeconds: 60.5 } },
      path: 'services.s.expiresInSeconds',
      says: /int/,
    },
    {
      what: 'an algorithm that is not offered',
      services: { s: { algorithm: 'HS256' } },
      path: 'services.s.algorithm',
      says: /ES256/,
    },
    {
      what: 'kid-custom without key id',
      services: { s: { headerStyle: 'kid-custom' } },
      path: 'services.s.keyId',
      says: /kid-custom/,
    },
    {
      what: 'a key id without kid-custom',
      services: { s: { keyId: 'a' } },
      path: 'services.s.keyId',
      says: /kid-custom/,
    },
    { what: 'a service name that no challenge can carry', services: { 'a\nb': {} }, path: 'services.a\nb', says: /./ },
    {
      what: 'one key id for keys of two algorithms',
      services: {
        a: { headerStyle: 'kid-custom', keyId: 'x' },
        b: { headerStyle: 'kid-custom', keyId: 'x', algorithm: 'RS256' },
      },
      path: 'services.b.keyId',
      says: /another text/,
    },
  ])('$what', ({ services, path, says }) => {
    expect(problems({ issuer: 'lockkeeper', services, keys })).toMatchObject([
      { path, message: expect.stringMatching(says) },
    ])
  })

  it('a service that needs a key which is not there, or a certificate which is not there', async () => {
    const bare: SigningKeys = {
      ...keys,
      published: () =>
        keys
          .published()
          .filter(({ algorithm }) => algorithm === 'ES256')
          .map((key) => ({ ...key, certificates: [] })),
    }
    expect(problems({ issuer: 'i', services: { a: { algorithm: 'RS256' }, b: {} }, keys: bare })).toMatchObject([
      { path: 'services.a.algorithm', message: expect.stringMatching(/keys new --algorithm RS256/) },
      { path: 'services.b.headerStyle', message: expect.stringMatching(/kid-libtrust/) },
    ])
  })
})
