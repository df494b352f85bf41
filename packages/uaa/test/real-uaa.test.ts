import { readFile } from 'node:fs/promises'
import { authenticatorContract, fakeClock, password } from '@lockkeeper/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, login, outcomeOf } from '../../../test/outcomes.ts'
import { requires } from '../../../test/servers/requirements.ts'
import { startUaa, type UaaServer } from '../../../test/servers/uaa.ts'
import { type UaaAuthenticator, type UaaAuthOptions, uaaAuth } from '../src/index.ts'
import { type Line, lineTo } from './line.ts'

const LOCK_AFTER = 30
const JANE = { username: 'jane', password: 'Grüße, 7 Zwerge', groups: ['team.dev', 'registry.admin'] }
const BOB = { username: 'Bob', password: 'bob-password' }
const QUOTED = { username: "o'neil", password: 'quoted' }

const need = requires('uaa', 'openssl')
describe.skipIf(need.skip)(`uaa_auth against a real UAA${need.note}`, { timeout: 120_000 }, () => {
  const open: UaaAuthenticator[] = []
  let uaa: UaaServer
  let line: Line
  let ca: string
  beforeAll(async () => {
    uaa = await startUaa({
      people: [JANE, BOB, QUOTED, { username: 'locked', password: 'right' }],
      scopes: ['team.dev', 'team.ops', 'registry.admin'],
      lockAfterFailures: LOCK_AFTER,
    })
    line = await lineTo(Number(new URL(uaa.url).port))
    ca = await readFile(uaa.ca, 'utf8')
  }, 320_000)
  afterAll(async () => {
    for (const mode of open) await mode[Symbol.asyncDispose]()
    await line?.cut()
    await uaa?.stop()
  })

  const authOf = (more: Partial<UaaAuthOptions> = {}) => {
    const { id: clientId, secret: clientSecret } = uaa.client
    const url = `https://127.0.0.1:${line.port}/uaa`
    const clock = fakeClock()
    const mode = uaaAuth({ url, clientId, clientSecret, tls: { ca }, ...more }, { clock })
    open.push(mode)
    return { mode, clock }
  }

  it('logs in as who UAA says it is, with the scopes that UAA grants', async () => {
    const { mode } = authOf({ adminScope: 'registry.admin', groups: ['team.*'] })
    const result = await login(mode, 'JANE', JANE.password)
    expect(result).toMatchObject({
      outcome: 'authenticated',
      identity: {
        username: 'jane',
        email: 'jane@example.test',
        displayName: 'jane Test',
        groups: [{ key: 'team.dev' }],
        isAdmin: true,
        subject: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    })
    expect(await login(mode, 'bob', BOB.password)).toMatchObject({ identity: { username: 'Bob', groups: [] } })
  })

  it('UAA-01: tells a wrong password from a wrong client', async () => {
    expect(await outcomeOf(login(authOf().mode, 'jane', 'wrong'))).toBe('rejected: bad_credentials')
    expect(await outcomeOf(login(authOf().mode, 'nobody', 'wrong'))).toBe('rejected: bad_credentials')
    for (const wrong of [{ clientSecret: 'wrong' }, { clientId: 'wrong' }]) {
      const { mode } = authOf(wrong)
      expect(await outcomeOf(login(mode, 'jane', JANE.password))).toMatch(/check clientId and clientSecret/)
      await expect(mode.ping?.(call)).rejects.toThrow(/check clientId and clientSecret/)
    }
    await authOf().mode.ping?.(call)
  })

  it('UAA-01: says what the client lacks', async () => {
    const { id: clientId, secret: clientSecret } = uaa.passwordClient
    const { mode } = authOf({ clientId, clientSecret })
    expect(await outcomeOf(login(mode, 'jane', 'wrong'))).toMatch(/add it to authorized_grant_types/)
    expect(await outcomeOf(login(mode, 'jane', JANE.password))).toMatch(/add openid to the scopes of the client/)
    expect(await outcomeOf(login(mode, 'bob', BOB.password))).toBe('rejected: not_allowed')
    await expect(mode.searchUser?.('jane', call)).rejects.toThrow(/add it to authorized_grant_types/)
  })

  it('UAA-01: knows an account that UAA locked', async () => {
    const { mode } = authOf()
    for (let tries = 0; tries < LOCK_AFTER; tries++) await login(mode, 'locked', 'wrong')
    expect(await outcomeOf(login(mode, 'locked', 'right'))).toBe('rejected: locked')
  })

  it('takes people of one origin', async () => {
    expect(await outcomeOf(login(authOf({ origin: 'uaa' }).mode, 'jane', JANE.password))).toBe('authenticated')
    expect(await outcomeOf(login(authOf({ origin: 'ldap' }).mode, 'jane', JANE.password))).toMatch(/check origin/)
  })

  it('UAA-03: finds people and groups, whatever stands in their names', async () => {
    const { mode } = authOf()
    const { searchUser, searchGroup } = mode
    const names = ["O'Neil", 'x" or userName eq "jane', "x' or userName eq 'jane", 'jane\\', '*', 'j%']
    const found = []
    for (const name of names) found.push((await searchUser?.(name, call))?.username)
    expect(found).toEqual(["o'neil", undefined, undefined, undefined, undefined, undefined])
    expect(await searchGroup?.('team.dev', call)).toEqual({ key: 'team.dev', name: 'team.dev' })
    expect(await searchGroup?.('team.none', call)).toBeUndefined()
    expect(await outcomeOf(login(mode, "o'neil", QUOTED.password))).toBe('authenticated')
  })

  it('UAA-03: verifies the certificate', async () => {
    expect(await outcomeOf(login(authOf({ tls: {} }).mode, 'jane', JANE.password))).toMatch(/put its CA into tls.ca/)
  })

  let clock = fakeClock()
  authenticatorContract(
    { describe, it },
    {
      make() {
        const made = authOf()
        clock = made.clock
        return made.mode
      },
      accepted: password('jane', JANE.password),
      identity: { mode: 'uaa_auth', username: 'jane', email: 'jane@example.test' },
      spellings: ['JANE', 'ｊａｎｅ'],
      rejected: [password('jane', 'wrong'), password('bob', JANE.password)],
      unknown: [password('nobody', JANE.password), password('j*', JANE.password), password('jane@example.test', 'x')],
      // It hashes a password and a client secret for each login.
      patienceMs: 60_000,
      stallBackend: () => uaa.pause(),
      breakBackend: () => line.cut(),
      async restoreBackend() {
        uaa.resume()
        await line.mend()
        await clock.advance(30_000)
      },
    },
  )
})
