import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { requires } from '../../../test/servers/requirements.ts'
import { type SlapdServer, startSlapd } from '../../../test/servers/slapd.ts'
import type { LdapAuthenticator, LdapAuthOptions, LdapEvent } from '../src/index.ts'
import { call, login, named, outcomeOf } from './logins.ts'
import { PEOPLE, slapdAuth } from './people.ts'

const DOWN = 'ERR_BACKEND_UNAVAILABLE'

/** Far above what a busy machine adds to an answer, and to a refusal. */
const LIMITS = { connectMs: 1_500, operationMs: 1_500, loginMs: 3_000 }
/** An answer that waited for none of these. */
const AT_ONCE_MS = 1_000
/** Two seconds, and one for a busy machine. */
const SOON_SECONDS = 3

const need = requires('slapd', 'openssl')
describe.skipIf(need.skip)(`an OpenLDAP that fails${need.note}`, { timeout: 30_000 }, () => {
  let server: SlapdServer
  let auth: LdapAuthenticator
  beforeEach(async () => {
    server = await startSlapd({ ldif: PEOPLE })
    open()
  })
  afterEach(async () => {
    await auth?.[Symbol.asyncDispose]()
    await server?.stop()
  })
  function open(more: Partial<LdapAuthOptions> = {}) {
    auth = slapdAuth(server, { timeouts: LIMITS, ...more })
  }
  const jane = (password = 'jane-secret') => outcomeOf(login(auth, 'jane', password))
  async function timed(work: Promise<string>) {
    const startedAt = performance.now()
    return { outcome: await work, ms: performance.now() - startedAt }
  }
  /** How long until somebody gets in again. */
  async function secondsUntilIn() {
    const startedAt = performance.now()
    while ((await jane()) !== 'authenticated') await delay(20)
    return (performance.now() - startedAt) / 1000
  }

  it('between search and bind gives no verdict, for a right password and a wrong one', async () => {
    for (const password of ['jane-secret', 'wrong']) {
      const candidate = await auth.lookUp(named('jane'), call)
      await server.kill()
      expect(await outcomeOf(candidate.verify(password, call))).toBe(DOWN)
      await server.restart()
      await delay(1_500)
    }
  })

  it('and is down answers quickly, the same for everybody', async () => {
    expect(await jane()).toBe('authenticated')
    await server.kill()
    for (const [name, password] of [
      ['jane', 'jane-secret'],
      ['jane', 'wrong'],
      ['nobody', 'x'],
    ] as const) {
      const { outcome, ms } = await timed(outcomeOf(login(auth, name, password)))
      expect(outcome).toBe(DOWN)
      expect(ms).toBeLessThan(AT_ONCE_MS)
    }
  })

  it('and is restarted lets people in again soon after', async () => {
    expect(await jane()).toBe('authenticated')
    await server.kill()
    const attempts = Array.from({ length: 20 }, () => jane())
    expect(new Set(await Promise.all(attempts))).toEqual(new Set([DOWN]))
    await server.restart()
    expect(await secondsUntilIn()).toBeLessThan(SOON_SECONDS)
    expect(await jane('wrong')).toBe('rejected: bad_credentials')
  })

  it('and restarts between two logins is not noticed', async () => {
    expect(await jane()).toBe('authenticated')
    await server.restart()
    expect(await jane()).toBe('authenticated')
  })

  it('and stands still gives no verdict within the time limit, then lets people in again soon after', async () => {
    expect(await jane()).toBe('authenticated')
    server.pause()
    const slow = await Promise.all([timed(jane()), timed(jane('wrong')), timed(outcomeOf(login(auth, 'nobody', 'x')))])
    for (const { outcome, ms } of slow) {
      expect(outcome).toBe(DOWN)
      expect(ms).toBeLessThan(LIMITS.loginMs + AT_ONCE_MS)
    }
    const startedAt = performance.now()
    while (performance.now() - startedAt < 3_000)
      expect((await timed(jane())).ms).toBeLessThan(LIMITS.loginMs + AT_ONCE_MS)
    // By now it is known to be away, and only one login in a second or so waits to see whether it is back.
    const quick = await Promise.all(Array.from({ length: 20 }, () => timed(jane())))
    expect(quick.filter(({ ms }) => ms > AT_ONCE_MS).length).toBeLessThanOrEqual(1)
    server.resume()
    expect(await secondsUntilIn()).toBeLessThan(SOON_SECONDS)
  })

  it('is replaced by the next in the list, and comes back by itself', async () => {
    const second = await startSlapd({ ldif: PEOPLE })
    const events: LdapEvent[] = []
    open({
      url: [server.ldapsUrl, second.ldapsUrl],
      tls: { insecureSkipVerify: true },
      onEvent: (event) => events.push(event),
    })
    try {
      expect(await jane()).toBe('authenticated')
      await server.kill()
      expect(await jane()).toBe('authenticated')
      await server.restart()
      await delay(1_500)
      // This login shows that the first is back, and does not wait for it.
      expect(await jane()).toBe('authenticated')
      await expect.poll(() => events.at(-1)?.type).toBe('server_up')
      await second.kill()
      expect(await jane()).toBe('authenticated')
      expect(events.map(({ type }) => type)).toEqual(['insecure', 'server_down', 'server_up'])
    } finally {
      await second.stop()
    }
  })
})
