import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RIGHT, spellingsOf } from './counting-auth.ts'
import { type Answer, DOORS, type Door, type LockoutHouse, logIn, right, startHouse } from './lockout-house.ts'

const PAIRS = DOORS.flatMap((fail) => DOORS.map((tried) => ({ fail, tried })))

/** How long refusals are held here; long enough for a loaded machine to try again meanwhile. */
const FREEZE_MS = 3000

let house: LockoutHouse
let host: string
beforeAll(async () => {
  house = await startHouse(1, { freezeMs: FREEZE_MS })
  host = house.host(0)
  const [server] = house.servers
  await server?.addUser('local', 'A-Local-Password-1')
  await server?.addUser('disabled', 'A-Local-Password-1')
  await server?.run(['user', 'disable', 'disabled'])
  await server?.addUser('deleted', 'A-Local-Password-1')
  await server?.run(['user', 'remove', 'deleted'])
  // An account that another mode brought in: it has no local password.
  await logIn(host, right('jane-900'))
}, 120_000)
afterAll(() => house?.stop())

let accounts = 1000
const newAccount = (): number => {
  accounts += 1
  return accounts
}

describe.each(DOORS)('$name', ({ tries, opens }) => {
  it('lets the right password in', async () => {
    const account = newAccount()
    expect((await tries(host, right(`jane-${account}`))).status).toBe(opens)
    expect(await house.verifications(account)).toEqual({ right: 1, wrong: 0 })
  })
})

describe('an account that was refused at one door', () => {
  it.concurrent.each(PAIRS)(
    'LCK-06: is frozen in every spelling at every other: $fail.name, then $tried.name',
    async ({ fail, tried }) => {
      const account = newAccount()
      const [name = '', ...others] = spellingsOf(account)
      const refused = fail.tries(host, { username: name, password: 'wrong' })
      while ((await house.verifications(account)).wrong === 0) await delay(5)
      await delay(200)
      const answers = await Promise.all([...others, name].map((username) => tried.tries(host, right(username))))
      expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(401))
      expect(await house.verifications(account)).toEqual({ right: 0, wrong: 1 })
      expect((await refused).status).toBe(401)
    },
  )
})

/** Everybody who is refused, and how many verifications the counting backend does for each. */
const REFUSED: readonly {
  readonly who: string
  username(): string
  readonly password: string
  readonly cost: 0 | 1
}[] = [
  // The first, while the freeze that the test began still runs.
  { who: 'a frozen name', username: () => 'jane-901', password: RIGHT, cost: 0 },
  { who: 'an unknown name', username: () => `nobody-${newAccount()}`, password: 'wrong', cost: 1 },
  { who: 'a wrong password', username: () => `jane-${newAccount()}`, password: 'wrong', cost: 1 },
  { who: 'a wrong password of another mode', username: () => 'local', password: 'wrong', cost: 1 },
  { who: 'a disabled account', username: () => 'disabled', password: 'A-Local-Password-1', cost: 1 },
  { who: 'a deleted account', username: () => 'deleted', password: 'A-Local-Password-1', cost: 1 },
  { who: 'an external account', username: () => 'jane-900', password: 'A-Local-Password-1', cost: 1 },
  { who: 'a malformed name', username: () => 'jane\u200b', password: 'wrong', cost: 0 },
  { who: 'an overlong name', username: () => 'x'.repeat(256), password: 'wrong', cost: 0 },
  { who: 'an empty password', username: () => `jane-${newAccount()}`, password: '', cost: 0 },
]

const verified = async (): Promise<number> => (await house.lines()).length

/** Waits for the verifications that are due, however slow the machine, and a moment for those that should not come. */
async function settled(before: number, due: number): Promise<void> {
  const lastMs = performance.now() + 5000
  while ((await verified()) < before + due && performance.now() < lastMs) await delay(10)
  await delay(200)
}

describe.each(DOORS)('everybody who is refused: $name', ({ tries }: Door) => {
  const answers: Answer[] = []
  const costs: Record<string, number> = {}

  beforeAll(async () => {
    // What was refused at the door before must not be frozen at this one.
    await delay(FREEZE_MS + 100)
    const first = await verified()
    const pending = [tries(host, { username: 'jane-901', password: 'wrong' })]
    await settled(first, 1)
    for (const { who, username, password, cost } of REFUSED) {
      const before = await verified()
      pending.push(tries(host, { username: username(), password }))
      await settled(before, cost)
      costs[who] = (await verified()) - before
    }
    answers.push(...(await Promise.all(pending)))
    costs.all = (await verified()) - first
  }, 60_000)

  it('LOG-01: gets the same bytes', () => {
    expect(new Set(answers.map(({ bytes }) => bytes)).size).toBe(1)
    expect(answers[0]?.bytes).toMatch(/^HTTP\/1\.1 401 /)
  })

  it('LCK-02: waits for the whole freeze', () => {
    for (const { tookMs } of answers) expect(tookMs).toBeGreaterThanOrEqual(FREEZE_MS - 5)
  })

  it('LOG-02: costs one verification, or none when malformed or frozen', () => {
    const each = Object.fromEntries(REFUSED.map(({ who, cost }) => [who, cost]))
    expect(costs).toEqual({ ...each, all: REFUSED.reduce((sum, { cost }) => sum + cost, 1) })
  })
})
