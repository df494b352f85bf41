import { describe, expect, it } from 'vitest'
import { covers } from '../src/verify/challenge.ts'
import { stoppedClock } from './clock.ts'
import { claims, controllerFor, ecKey, forge, jwksOf, NOW, outcomeOf } from './forge.ts'

const key = ecKey()
const jwks = jwksOf(key)
const controller = controllerFor({ jwks })
const header = { alg: 'ES256', typ: 'JWT', kid: key.libtrust }
const seconds = NOW / 1000
const verify = (changes: Record<string, unknown>, by = controller) =>
  outcomeOf(by, forge(header, claims(changes), key.privateKey))
/** A claim in a spelling that `JSON.stringify` would not choose. */
const verifySpelled = (name: string, spelling: string) => {
  const text = JSON.stringify(claims({ [name]: '@' })).replace('"@"', spelling)
  return outcomeOf(controller, forge(header, text, key.privateKey))
}

describe('VER-04: the types of claims', () => {
  it.each([
    ['iss', [undefined, null, 1, ['lockkeeper'], { a: 1 }]],
    ['sub', [null, 1, true, ['alice'], { a: 1 }]],
    ['aud', [undefined, null, 1, { 'my-registry': 1 }, [1], [null], ['my-registry', 1]]],
    ['exp', [undefined, null, '9999999999', true, -1, [seconds + 60]]],
    ['nbf', [undefined, null, '1', -1]],
    ['iat', [undefined, null, '1', -1]],
    ['jti', [1, null, ['a']]],
  ])('%s has its own type, and no other', async (name, values) => {
    for (const value of values) expect([value, await verify({ [name]: value })]).toEqual([value, 'malformed_claims'])
  })

  it.each([
    `${seconds + 300}.0`,
    `${seconds + 300}.5`,
    '3e9',
    '1e999',
    '-1e999',
    '9007199254740993',
    '99999999999999999999',
  ])('exp written as %s is no integer that is safe', async (spelling) => {
    expect(await verifySpelled('exp', spelling)).toBe('malformed_claims')
  })

  it('sub and jti may be missing', async () => {
    const verified = await controller.authorize(
      `Bearer ${forge(header, claims({ sub: undefined, jti: undefined }), key.privateKey)}`,
      [],
    )
    expect(verified).toMatchObject({ outcome: 'granted', subject: '' })
  })
})

describe('VER-04: issuer and audience', () => {
  it.each(['Lockkeeper', 'lockkeeper ', 'lockkeeper/', '', 'other'])('iss %j is another issuer', async (iss) => {
    expect(await verify({ iss })).toBe('wrong_issuer')
  })

  it.each(['My-Registry', 'my-registry ', 'my-registry.evil.example', 'my-regist', '', []])(
    'aud %j is another audience',
    async (aud) => {
      expect(await verify({ aud })).toBe('wrong_audience')
    },
  )

  it('aud may be an array that holds the audience', async () => {
    expect(await verify({ aud: ['other', 'my-registry'] })).toBe('granted')
    expect(await verify({ aud: ['other', 'another'] })).toBe('wrong_audience')
  })

  it('further audiences are accepted where they are configured', async () => {
    const both = controllerFor({ jwks }, { otherAudiences: ['old-name'] })
    expect(await verify({ aud: 'old-name' }, both)).toBe('granted')
    expect(await verify({ aud: 'old-name' })).toBe('wrong_audience')
  })

  it.each(['service', 'issuer', 'realm'] as const)('a verifier without %s does not start', (name) => {
    for (const value of ['', undefined]) {
      expect(() => controllerFor({ jwks }, { [name]: value } as never)).toThrow(new RegExp(name))
    }
  })
})

describe('VER-04: times', () => {
  const at = (ms: number, leewaySeconds = 60) =>
    controllerFor({ jwks }, { clock: stoppedClock(NOW + ms), leewaySeconds })

  it('a token ends sixty seconds after exp, to the millisecond', async () => {
    expect(await verify({}, at(360_000 - 1))).toBe('granted')
    expect(await verify({}, at(360_000))).toBe('expired')
  })

  it('a token begins sixty seconds before nbf, to the millisecond', async () => {
    const late = { nbf: seconds + 120 }
    expect(await verify(late, at(60_000))).toBe('granted')
    expect(await verify(late, at(60_000 - 1))).toBe('not_yet_valid')
  })

  it('iat is not ahead of more than sixty seconds', async () => {
    const ahead = (s: number) => ({ iat: seconds + s, nbf: seconds, exp: seconds + 900 })
    expect(await verify(ahead(60))).toBe('granted')
    expect(await verify(ahead(61))).toBe('issued_ahead')
  })

  it('the leeway can be smaller, and none at all', async () => {
    expect(await verify({}, at(300_000, 0))).toBe('expired')
    expect(await verify({}, at(300_000 - 1, 0))).toBe('granted')
    expect(() => at(0, 61)).toThrow(/leewaySeconds/)
  })

  it('exp - iat has a maximum', async () => {
    expect(await verify({ exp: seconds + 3600 })).toBe('granted')
    expect(await verify({ exp: seconds + 3601 })).toBe('lives_too_long')
    const short = controllerFor({ jwks }, { maxLifetimeSeconds: 300 })
    expect(await verify({ exp: seconds + 300 }, short)).toBe('granted')
    expect(await verify({ exp: seconds + 301 }, short)).toBe('lives_too_long')
  })

  it('an exp of zero is long over, not missing', async () => {
    expect(await verify({ exp: 0, nbf: 0, iat: 0 })).toBe('expired')
  })

  it('where iat may be missing, the maximum counts from now', async () => {
    const loose = controllerFor({ jwks }, { rules: { insecureOptionalTimes: true } })
    const missing = { iat: undefined, nbf: undefined }
    expect(await verify(missing, loose)).toBe('granted')
    expect(await verify({ ...missing, exp: seconds + 3601 }, loose)).toBe('lives_too_long')
  })
})

describe('VER-06: access', () => {
  it.each([undefined, null, []])('%j grants nothing, and is enough where nothing is needed', async (access) => {
    const token = forge(header, claims({ access }), key.privateKey)
    expect(await outcomeOf(controller, token)).toBe('insufficient_scope')
    expect(await outcomeOf(controller, token, [])).toBe('granted')
  })

  const entry = { type: 'repository', name: 'team/app', actions: ['pull'] }
  it.each([
    'repository:team/app:pull',
    entry,
    1,
    true,
    [null],
    [entry, null],
    ['repository:team/app:pull'],
    [[entry]],
    [{ ...entry, type: 1 }],
    [{ ...entry, type: null }],
    [{ ...entry, name: ['team/app'] }],
    [{ ...entry, name: undefined }],
    [{ ...entry, actions: 'pull' }],
    [{ ...entry, actions: { 0: 'pull', length: 1 } }],
    [{ ...entry, actions: [['pull']] }],
    [{ ...entry, actions: ['pull', null] }],
    [{ ...entry, class: 1 }],
    Array.from({ length: 101 }, () => entry),
    [{ ...entry, actions: Array.from({ length: 33 }, () => 'pull') }],
  ])('%j is no access list: the token is refused, and nothing crashes', async (access) => {
    expect(await outcomeOf(controller, forge(header, claims({ access }), key.privateKey), [])).toBe('malformed_claims')
  })

  it('takes one hundred entries', async () => {
    const access = Array.from({ length: 100 }, () => entry)
    expect(await verify({ access })).toBe('granted')
  })

  const need = (name: string, action: string, type = 'repository') => [{ type, name, action }]
  it.each([
    ['another name', need('team/app2', 'pull')],
    ['the name in another case', need('Team/app', 'pull')],
    ['a name above it', need('team', 'pull')],
    ['a name below it', need('team/app/sub', 'pull')],
    ['another action', need('team/app', 'push')],
    ['the action in another case', need('team/app', 'PULL')],
    ['another type', need('team/app', 'pull', 'artifact')],
    ['a pattern', need('team/*', 'pull')],
  ])('covers letter by letter, and so not %s', (_what, needed) => {
    expect(covers([entry], need('team/app', 'pull'))).toBe(true)
    expect(covers([entry], needed)).toBe(false)
  })

  it('needs every record, and adds up entries for one resource', async () => {
    const both = [...need('team/app', 'pull'), ...need('team/app', 'push')]
    const split = [entry, { ...entry, actions: ['push'] }]
    expect(await outcomeOf(controller, forge(header, claims(), key.privateKey), both)).toBe('insufficient_scope')
    expect(await outcomeOf(controller, forge(header, claims({ access: split }), key.privateKey), both)).toBe('granted')
  })

  it('ignores the class, and takes the action * for all', async () => {
    const all = [{ ...entry, class: 'plugin', actions: ['*'] }]
    const needed = [...need('team/app', 'push'), ...need('team/app', 'delete')]
    expect(await outcomeOf(controller, forge(header, claims({ access: all }), key.privateKey), needed)).toBe('granted')
  })

  it('a pull of the catalogue is not enough for the catalogue', async () => {
    const needed = need('catalog', '*', 'registry')
    const access = (...actions: string[]) => [{ type: 'registry', name: 'catalog', actions }]
    const token = (...actions: string[]) => forge(header, claims({ access: access(...actions) }), key.privateKey)
    expect(await outcomeOf(controller, token('pull', 'search'), needed)).toBe('insufficient_scope')
    expect(await outcomeOf(controller, token('*'), needed)).toBe('granted')
  })
})
