// Long: about a minute. Four real servers on each shared store, and a backend that counts what it verifies.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { spellingsOf } from './counting-auth.ts'
import { type LockoutHouse, logIn, right, startHouse } from './lockout-house.ts'
import { SHARED_STORES, type SharedStore } from './shared-stores.ts'

const RUNS = 5
let accounts = 0
/** Each test has accounts of its own, so that none waits for the freeze of another. */
const newAccount = (): number => {
  accounts += 1
  return accounts
}

describe.each(SHARED_STORES)('four servers on $name', ({ need, start }) => {
  describe.skipIf(need.skip)(`act as one${need.note}`, () => {
    let store: SharedStore
    let house: LockoutHouse
    beforeAll(async () => {
      store = await start()
      house = await startHouse(4, store.lockout, store.more)
      // The first login of a process opens its connections.
      await Promise.all([0, 1, 2, 3].map((n) => logIn(house.host(n), right('jane-0'))))
    }, 120_000)
    afterAll(async () => {
      await house?.stop()
      await store?.stop()
    })

    /** 200 guesses at once, in six spellings, over all servers. @returns What is more than the bound allows. */
    async function guess(account: number, how: { readonly signal?: AbortSignal } = {}) {
      const names = spellingsOf(account)
      const startedAt = performance.now()
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, n) =>
          logIn(house.host(n), { username: names[n % 6] ?? '', password: `guess ${n}`, ...how }).catch(() => undefined),
        ),
      )
      const { wrong } = await house.verifications(account)
      return { wrong, allowed: 1 + (performance.now() - startedAt) / 1500, answers }
    }

    it(`LCK-03, LCK-05, LCK-12: of 200 parallel guesses in six spellings one is verified, ${RUNS} times`, {
      timeout: 60_000,
    }, async () => {
      for (let run = 0; run < RUNS; run += 1) {
        const { wrong, allowed, answers } = await guess(newAccount())
        expect(wrong).toBeGreaterThanOrEqual(1)
        expect(wrong).toBeLessThanOrEqual(allowed)
        expect(new Set(answers.map((answer) => answer?.status))).toEqual(new Set([401]))
        expect(new Set(answers.map((answer) => answer?.bytes)).size).toBe(1)
        expect(Math.min(...answers.map((answer) => answer?.tookMs ?? 0))).toBeGreaterThan(1490)
      }
    })

    it('LCK-07: clients that hang up change nothing', async () => {
      const account = newAccount()
      const hangUp = new AbortController()
      const guessing = guess(account, { signal: hangUp.signal })
      while ((await house.verifications(account)).wrong === 0) await delay(5)
      hangUp.abort()
      expect((await guessing).answers).toEqual(Array(200).fill(undefined))
      await delay(200)
      expect((await logIn(house.host(1), right(`jane-${account}`))).status).toBe(401)
      expect(await house.verifications(account)).toEqual({ right: 0, wrong: 1 })
      await delay(1500)
      expect((await logIn(house.host(2), right(`jane-${account}`))).status).toBe(200)
    })

    it('LCK-04: 200 parallel logins with the right password are 200 successes, and one verification for each process', async () => {
      const account = newAccount()
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, n) => logIn(house.host(n), right(`jane-${account}`))),
      )
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(200)
      expect(await house.verifications(account)).toEqual({ right: 4, wrong: 0 })
    })
  })
})
