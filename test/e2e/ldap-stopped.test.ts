import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requires } from '../servers/requirements.ts'
import { type SlapdServer, startSlapd } from '../servers/slapd.ts'
import { ADMIN, type LockkeeperServer, startLockkeeper } from './lockkeeper.ts'

const JANE = { username: 'jane', password: 'Janes-secret-1' }
const ENTRY = `
dn: uid=jane,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
cn: Jane
sn: Doe
userPassword: ${JANE.password}
`
/** How long the directory stands still, and how long a whole login may take by default. */
const [STOPPED_MS, LOGIN_MS] = [30_000, 10_000]
/** What a busy machine adds. */
const SLACK_MS = 1_000

interface Answered {
  readonly status: number
  readonly ms: number
}

const need = requires('slapd')
describe.skipIf(need.skip)(`a directory that stands still for half a minute${need.note}`, () => {
  let slapd: SlapdServer
  let lockkeeper: LockkeeperServer
  beforeAll(async () => {
    slapd = await startSlapd({ ldif: ENTRY })
    // Nothing is kept, so that every login asks the directory.
    lockkeeper = await startLockkeeper(
      `lockout: { keepVerifiedSeconds: 0 }\nauth: ${JSON.stringify({
        modes: ['db_auth', 'ldap_auth'],
        ldap_auth: {
          url: slapd.ldapsUrl,
          tls: { ca: { file: slapd.ca } },
          baseDn: slapd.baseDn,
          bindDn: slapd.reader.dn,
          bindPassword: slapd.reader.password,
        },
      })}\n`,
    )
  }, 60_000)
  afterAll(async () => {
    await lockkeeper?.stop()
    await slapd?.stop()
  })

  async function logIn({ username, password }: typeof JANE): Promise<Answered> {
    const startedAt = performance.now()
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
    const { status } = await fetch(`http://${lockkeeper.host}/service/token?service=registry`, {
      headers: { authorization },
    })
    return { status, ms: performance.now() - startedAt }
  }

  it('LCK-07, LDP-09: is 503 for its people within the time limit, freezes nobody, and lets them in again soon after', {
    timeout: 90_000,
  }, async () => {
    expect((await logIn(JANE)).status).toBe(200)
    slapd.pause()
    const endsAt = performance.now() + STOPPED_MS
    const asked: Promise<Answered>[] = []
    const owners: Promise<Answered>[] = []
    const others: Promise<Answered>[] = []
    while (performance.now() < endsAt) {
      // Guesses stop in time: one that was still waiting when the directory came back would be refused, rightly.
      if (performance.now() < endsAt - LOGIN_MS - SLACK_MS) {
        asked.push(logIn({ ...JANE, password: 'wrong' }), logIn({ username: 'nobody', password: 'wrong' }))
      }
      owners.push(logIn(JANE))
      others.push(logIn(ADMIN))
      await delay(1_000)
    }
    slapd.resume()
    const resumedAt = performance.now()
    const seen: number[] = []
    while (seen.at(-1) !== 200) {
      seen.push((await logIn(JANE)).status)
      expect(performance.now() - resumedAt).toBeLessThan(2_000 + SLACK_MS)
    }
    // A freeze would be 401, and last for a second and a half.
    expect(seen.filter((status) => status !== 200 && status !== 503)).toEqual([])

    for (const { status, ms } of [...(await Promise.all(asked)), ...(await Promise.all(owners.slice(0, -12)))]) {
      expect(status).toBe(503)
      expect(ms).toBeLessThan(LOGIN_MS + SLACK_MS)
    }
    for (const { status } of await Promise.all(others)) expect(status).toBe(200)
    expect((await logIn({ ...JANE, password: 'wrong' })).status).toBe(401)
  })
})
