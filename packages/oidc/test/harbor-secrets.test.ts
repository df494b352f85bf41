import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Call,
  type HarborOidcStore,
  type HarborOidcUser,
  type Identity,
  Secret,
  systemClock,
} from '@lockkeeper/core'
import { oidcAuth } from '@lockkeeper/oidc'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type HarborEncryption, harborEncryption } from '../src/harbor/harbor-encryption.ts'
import { readHarborToken, writeHarborToken } from '../src/harbor/harbor-token.ts'
import { type House, makeHouse } from './house.ts'

const KEY = '1234567890123456'
const MINUTE = 60_000
let house: House
let folder: string
let encryption: HarborEncryption
let rows: Map<string, HarborOidcUser>
let refreshes: string[]
let asked: string[]

beforeEach(async () => {
  house = await makeHouse()
  folder = await mkdtemp(join(tmpdir(), 'harbor-'))
  writeFileSync(join(folder, 'key'), KEY)
  encryption = harborEncryption(new Secret<Uint8Array>(Buffer.from(KEY)))
  rows = new Map()
  refreshes = []
  asked = []
  await addJane()
  const claims = { sub: 'jane-1', preferred_username: 'jane', groups: ['now'] }
  house.provider.routes.set('/userinfo', () => ({ body: claims }))
})
afterEach(async () => {
  await house.provider.stop()
  await rm(folder, { recursive: true })
})

/** Harbor's row of Jane, whose access token ends in a minute. */
async function addJane(change: Partial<HarborOidcUser> = {}, lifeMs = MINUTE) {
  const token = writeHarborToken({
    issuer: house.provider.issuer,
    subject: 'jane-1',
    accessToken: 'access-1',
    refreshToken: 'refresh-1',
    idToken: await house.idToken(),
    expiresAt: new Date(house.clock.wallMs() + lifeMs),
  })
  rows.set('jane', {
    accountId: 7,
    username: 'jane',
    subiss: `jane-1${house.provider.issuer}`,
    secret: encryption.encrypt('cli-secret'),
    token: encryption.encrypt(token),
    ...change,
  })
}

/** The provider gives new tokens for the refresh token of now, and ends everything when an old one comes. */
function serveRefreshes() {
  let current = 'refresh-1'
  house.provider.routes.set('/token', ({ body }) => {
    const given = new URLSearchParams(body).get('refresh_token') ?? ''
    refreshes.push(given)
    if (given !== current) return { status: 400, body: { error: 'invalid_grant' } }
    current = `${given}+`
    return { body: { access_token: 'access-2', token_type: 'Bearer', expires_in: 60, refresh_token: current } }
  })
}

function makeStore(): HarborOidcStore {
  let holder: string | undefined
  return {
    async find(username) {
      asked.push(username)
      return rows.get(username)
    },
    async lease(_accountId, by) {
      holder ??= by
      return holder === by
    },
    async release(_accountId, by) {
      if (holder === by) holder = undefined
    },
    async replaceToken(accountId, expected, next) {
      const row = [...rows.values()].find((each) => each.accountId === accountId)
      if (row?.token !== expected) return false
      rows.set(row.username, { ...row, token: next })
      return true
    },
  }
}

const call = (): Call => ({ signal: AbortSignal.timeout(5000) })
const authenticator = (users = makeStore()) =>
  oidcAuth(
    { issuer: house.provider.issuer, clientId: 'lockkeeper', groupsClaim: 'groups', insecureAllowPlaintext: true },
    {
      clock: { ...house.clock, sleep: systemClock.sleep },
      onEvent: (event) => house.events.push(event),
      harbor: { keyFile: join(folder, 'key'), users },
    },
  ).authenticator
const look = (name: string, by = authenticator()) => by.lookUp({ typed: name, canonical: name.toLowerCase() }, call())
const tryPassword = async (name: string, password: string, by = authenticator()) =>
  (await look(name, by)).verify(password, call())

describe('the CLI secret that a Harbor made', () => {
  it('lets its owner in, with the groups of now', async () => {
    const candidate = await look('jane')
    expect(candidate.account).toBe('7')
    expect(await candidate.verify('cli-secret', call())).toEqual({
      outcome: 'authenticated',
      identity: {
        mode: 'oidc_auth',
        issuer: house.provider.issuer,
        subject: 'jane-1',
        username: 'jane',
        groups: [{ key: 'now' }],
      } satisfies Identity,
    })
  })

  it.each(['', 'cli-secreT', 'cli-secret ', 'cli-secre'])('is compared exactly: %j is refused', async (password) => {
    expect(await tryPassword('jane', password)).toEqual({ outcome: 'rejected', reason: 'bad_credentials' })
    expect(house.provider.count('/userinfo')).toBe(0)
  })

  it('is looked up by the exact name; others are left to other modes', async () => {
    expect((await look('Jane')).account).toBeUndefined()
    expect(await tryPassword('Jane', 'cli-secret')).toEqual({ outcome: 'abstained' })
    expect(asked).toEqual(['Jane', 'Jane'])
  })

  it.each(['jane-1https://other.test', '', 'jane-1'])('is left to the instance of its provider: %j', async (subiss) => {
    await addJane({ subiss })
    expect((await look('jane')).account).toBeUndefined()
    expect(await tryPassword('jane', 'cli-secret')).toEqual({ outcome: 'abstained' })
  })

  it('OID-10: is never taken as it is, without encryption', async () => {
    await addJane({ secret: btoa('cli-secret') })
    expect(await tryPassword('jane', 'cli-secret')).toEqual({ outcome: 'rejected', reason: 'bad_credentials' })
    await addJane({ secret: encryption.encrypt('') })
    expect(await tryPassword('jane', '')).toEqual({ outcome: 'rejected', reason: 'bad_credentials' })
  })

  it('is worth nothing when the provider does not take the access token', async () => {
    house.provider.routes.set('/userinfo', () => ({ status: 401 }))
    expect(await tryPassword('jane', 'cli-secret')).toEqual({ outcome: 'rejected', reason: 'not_allowed' })
    expect(house.events).toContainEqual({ type: 'refused', mode: 'oidc_auth', reason: 'userinfo_refused' })
  })

  it('is worth nothing beside tokens that cannot be read', async () => {
    await addJane({ token: 'garbage' })
    expect(await tryPassword('jane', 'cli-secret')).toEqual({ outcome: 'rejected', reason: 'not_allowed' })
  })

  it('is an outage while the provider is down', async () => {
    house.provider.routes.set('/userinfo', () => ({ status: 503 }))
    await expect(tryPassword('jane', 'cli-secret')).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
  })

  it('needs a key file that is one', () => {
    writeFileSync(join(folder, 'key'), `${KEY}\n`)
    expect(() => authenticator()).toThrow(expect.objectContaining({ code: 'ERR_CONFIGURATION' }))
  })
})

describe('OID-11: when the access token in a Harbor row has ended', () => {
  beforeEach(async () => {
    await addJane({}, 9000)
    serveRefreshes()
  })

  it('fifty logins refresh it once, and all of them get in', async () => {
    const users = makeStore()
    const processes = [authenticator(users), authenticator(users)]
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => tryPassword('jane', 'cli-secret', processes[index % 2])),
    )
    expect(answers.filter(({ outcome }) => outcome === 'authenticated')).toHaveLength(50)
    expect(refreshes).toEqual(['refresh-1'])
  })

  it('the new tokens are kept, in the form that Harbor reads', async () => {
    expect(await tryPassword('jane', 'cli-secret')).toMatchObject({ outcome: 'authenticated' })
    const json = encryption.decrypt(rows.get('jane')?.token ?? '') ?? ''
    expect(readHarborToken(json, house.provider.issuer, 'jane-1')).toMatchObject({
      accessToken: 'access-2',
      refreshToken: 'refresh-1+',
      expiresAt: new Date(house.clock.wallMs() + MINUTE),
    })
  })

  it('a provider that refuses ends the secret', async () => {
    house.provider.routes.set('/token', () => ({ status: 400, body: { error: 'invalid_grant' } }))
    expect(await tryPassword('jane', 'cli-secret')).toEqual({ outcome: 'rejected', reason: 'not_allowed' })
    expect(house.events.at(-1)).toMatchObject({ reason: 'refresh_refused' })
  })

  it('a provider that is down ends nothing', async () => {
    const before = rows.get('jane')
    house.provider.routes.set('/token', () => ({ status: 503 }))
    await expect(tryPassword('jane', 'cli-secret')).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    expect(rows.get('jane')).toEqual(before)
  })

  it('an ID token in the row that was forged says nothing: the provider is asked', async () => {
    const forged = writeHarborToken({
      issuer: house.provider.issuer,
      subject: 'jane-1',
      accessToken: 'access-1',
      refreshToken: 'refresh-1',
      idToken: `${(await house.idToken({ claims: { groups: ['admins'] } })).slice(0, -8)}AAAAAAAA`,
      expiresAt: new Date(house.clock.wallMs() + MINUTE),
    })
    await addJane({ token: encryption.encrypt(forged) })
    expect(await tryPassword('jane', 'cli-secret')).toMatchObject({ identity: { groups: [{ key: 'now' }] } })
    expect(refreshes).toEqual(['refresh-1'])
  })
})
