import type { Authenticator } from '@lockkeeper/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { createPasswordHasher, dbAuth } from '../src/index.ts'
import { call, HARBOR_ROWS, named, peopleWith } from './people.ts'

const PAIRS = 40
/** So many that two equal works look different once in thousands of runs. */
const MOST_PAIRS = 200

interface Times {
  readonly a: number[]
  readonly b: number[]
}

/** The chance that a time of `a` exceeds one of `b`. */
function areaUnderCurve(a: readonly number[], b: readonly number[]): number {
  let wins = 0
  for (const x of a) for (const y of b) wins += x > y ? 1 : x === y ? 0.5 : 0
  return wins / (a.length * b.length)
}

/** One at a time, the two kinds interleaved in random order, so that a busy machine slows both alike. */
async function measure(a: () => Promise<unknown>, b: () => Promise<unknown>, times: Times): Promise<void> {
  for (let pair = 0; pair < PAIRS; pair++) {
    const order = Math.random() < 0.5 ? (['a', 'b'] as const) : (['b', 'a'] as const)
    for (const kind of order) {
      const startedAt = performance.now()
      await (kind === 'a' ? a() : b())
      times[kind].push(performance.now() - startedAt)
    }
  }
}

/** Measures on while the two look different: noise evens out, a real difference stays. */
async function expectIndistinguishable(
  a: () => Promise<unknown>,
  b: () => Promise<unknown>,
  mostPairs = MOST_PAIRS,
): Promise<void> {
  const times: Times = { a: [], b: [] }
  const seen: number[] = []
  while (times.a.length < mostPairs) {
    await measure(a, b, times)
    const area = areaUnderCurve(times.a, times.b)
    seen.push(area)
    if (area >= 0.4 && area <= 0.6) return
  }
  expect.fail(`told apart by time: ${seen.map((area) => area.toFixed(2)).join(', ')} (0.5 is equal)`)
}

describe('LOG-02: the time of a refusal', () => {
  const login =
    (auth: Authenticator, typed: string, password = 'wrong-password') =>
    async () =>
      (await auth.lookUp(named(typed), call)).verify(password, call)

  let plain: Authenticator
  let mixed: Authenticator
  beforeAll(async () => {
    const hasher = createPasswordHasher()
    const content = await hasher.hash('content')
    const people = await peopleWith({ jane: content, disabled: content }, ['lena'])
    await people.setDisabled(2, true)
    plain = dbAuth({ passwords: people, hasher })
    mixed = dbAuth({
      passwords: await peopleWith({ old: HARBOR_ROWS.sha256, new: content }),
      hasher,
      upgradeOnLogin: false,
    })
    for (const auth of [plain, mixed]) for (let i = 0; i < 10; i++) await login(auth, 'nobody')()
  })

  it('does not tell an unknown name from a wrong password', async () => {
    await expectIndistinguishable(login(plain, 'nobody'), login(plain, 'jane'))
  }, 120_000)

  it('does not tell a disabled account with the right password, or an external one, from an unknown name', async () => {
    await expectIndistinguishable(login(plain, 'disabled', 'content'), login(plain, 'nobody'))
    await expectIndistinguishable(login(plain, 'lena'), login(plain, 'nobody'))
  }, 120_000)

  it('does not tell a legacy row from a new one, or either from an unknown name', async () => {
    await expectIndistinguishable(login(mixed, 'old'), login(mixed, 'new'))
    await expectIndistinguishable(login(mixed, 'old'), login(mixed, 'nobody'))
  }, 120_000)

  it('does not depend on the length of the password', async () => {
    await expectIndistinguishable(login(plain, 'jane', 'x'.repeat(8)), login(plain, 'jane', 'x'.repeat(512)))
  }, 120_000)

  it('is measured well enough: one hashing more is seen', async () => {
    const hasher = createPasswordHasher()
    const content = await hasher.hash('content')
    const twice = async () => {
      await login(plain, 'nobody')()
      await hasher.verify('wrong-password', content)
    }
    await expect(expectIndistinguishable(twice, login(plain, 'jane'), PAIRS)).rejects.toThrow('told apart by time')
  }, 120_000)
})
