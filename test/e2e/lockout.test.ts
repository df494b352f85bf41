// Long: about two minutes. Real servers on each store, and a backend that counts what it verifies.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { spellingsOf } from './counting-auth.ts'
import { type LockoutHouse, logIn, right, startHouse } from './lockout-house.ts'
import { SHARED_STORES, type SharedStore } from './shared-stores.ts'

const RUNS = 50
/**
 * So many runs are under way at a time, since each waits most of the time. More of them, or all begun at once, ask for
 * more names than a busy machine looks up in time.
 */
const RUNS_AT_ONCE = 6
const APART_MS = 300
const GUESSES = 200
const FREEZE_MS = 1500

let accounts = 0
/** Each run has an account of its own, so that none waits for the freeze of another. */
const newAccount = (): number => {
  accounts += 1
  return accounts
}

/** Which server the n-th guess at an account goes to. */
type Route = (account: number, n: number) => number
/** An attack on four processes at once. */
const EVERYWHERE: Route = (_, n) => n
/** An attack on one process: whoever guesses at other accounts uses the others. */
const ON_ONE: Route = (account) => account

/** Parallel guesses at one account, in six spellings. */
async function guess(house: LockoutHouse, route: Route, account: number, signal?: AbortSignal) {
  const names = spellingsOf(account)
  const startedAt = performance.now()
  const answers = await Promise.all(
    Array.from({ length: GUESSES }, (_, n) =>
      logIn(house.host(route(account, n)), {
        username: names[n % 6] ?? '',
        password: `guess ${n}`,
        ...(signal && { signal }),
      }).catch(() => undefined),
    ),
  )
  return { account, answers, allowed: 1 + (performance.now() - startedAt) / FREEZE_MS }
}

/** All runs. Every answer must be the same refusal, and no sooner than a freeze. */
async function guessAgainAndAgain(house: LockoutHouse, route: Route) {
  const runs: { readonly account: number; readonly allowed: number }[] = []
  const bytes = new Set<string>()
  const run = async () => {
    const { account, answers, allowed } = await guess(house, route, newAccount())
    runs.push({ account, allowed })
    for (const answer of answers) {
      bytes.add(answer?.bytes ?? 'none')
      expect(answer?.status).toBe(401)
      expect(answer?.tookMs).toBeGreaterThan(FREEZE_MS - 10)
    }
  }
  let begun = 0
  const several = async (_: unknown, place: number) => {
    await delay(place * APART_MS)
    while (begun < RUNS) {
      begun += 1
      await run()
    }
  }
  await Promise.all(Array.from({ length: RUNS_AT_ONCE }, several))
  expect(bytes.size).toBe(1)
  return runs
}

async function expectBounded(house: LockoutHouse, route: Route): Promise<void> {
  const runs = await guessAgainAndAgain(house, route)
  expect(runs).toHaveLength(RUNS)
  const refusals = await house.refusals()
  for (const { account, allowed } of runs) {
    const wrong = refusals.get(account) ?? []
    expect(wrong.length).toBeGreaterThanOrEqual(1)
    expect(wrong.length).toBeLessThanOrEqual(allowed)
    // Whatever the machine was busy with: a freeze lies between any two.
    for (const [n, at] of wrong.slice(1).entries()) expect(at - (wrong[n] ?? 0)).toBeGreaterThan(FREEZE_MS)
  }
}

const QUIET = 'log: { level: warn }\n'
const TITLE = `of ${GUESSES} parallel guesses in six spellings one is verified in each freeze, ${RUNS} times`

describe('four servers, each with its freezes in memory', () => {
  let house: LockoutHouse
  beforeAll(async () => {
    house = await startHouse(4, {}, QUIET)
  }, 120_000)
  afterAll(() => house?.stop())

  it(`LCK-03, LCK-05: through one of them, ${TITLE}`, { timeout: 120_000 }, () => expectBounded(house, ON_ONE))
})

describe.each(SHARED_STORES)('four servers on $name', ({ need, start }) => {
  describe.skipIf(need.skip)(`act as one${need.note}`, () => {
    let store: SharedStore
    let house: LockoutHouse
    beforeAll(async () => {
      store = await start()
      // A machine that is too busy to answer in time must not look like a store that is lost.
      house = await startHouse(4, { ...store.lockout, storeTimeoutMs: 5000 }, `${QUIET}${store.more ?? ''}`)
      // The first login of a process opens its connections.
      await Promise.all([0, 1, 2, 3].map((n) => logIn(house.host(n), right('jane-0'))))
    }, 120_000)
    afterAll(async () => {
      await house?.stop()
      await store?.stop()
    })

    it(`LCK-03, LCK-05, LCK-12: ${TITLE}`, { timeout: 120_000 }, () => expectBounded(house, EVERYWHERE))

    it(`LCK-03, LCK-05: through one of them, ${TITLE}`, { timeout: 120_000 }, () => expectBounded(house, ON_ONE))

    it('LCK-07: clients that hang up change nothing', async () => {
      const account = newAccount()
      const hangUp = new AbortController()
      const guessing = guess(house, EVERYWHERE, account, hangUp.signal)
      while ((await house.verifications(account)).wrong === 0) await delay(5)
      hangUp.abort()
      expect((await guessing).answers).toEqual(Array(GUESSES).fill(undefined))
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
