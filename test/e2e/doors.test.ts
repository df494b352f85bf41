import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RIGHT, spellingsOf } from './counting-auth.ts'
import { type Answer, DOORS, type LockoutHouse, startHouse } from './lockout-house.ts'

type DoorName = keyof typeof DOORS
const doors = Object.keys(DOORS) as DoorName[]
const pairs = doors.flatMap((fail) => doors.map((tried) => ({ fail, tried })))

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
  await DOORS['GET with Basic'](host, { username: 'jane-900', password: RIGHT })
}, 120_000)
afterAll(() => house?.stop())

let accounts = 1000
const newAccount = (): number => {
  accounts += 1
  return accounts
}

describe.each(doors)('%s', (door) => {
  it('lets the right password in', async () => {
    const account = newAccount()
    expect((await DOORS[door](host, { username: `jane-${account}`, password: RIGHT })).status).toBe(200)
    expect(await house.verifications(account)).toEqual({ right: 1, wrong: 0 })
  })
})

describe('an account that was refused at one door', () => {
  it.concurrent.each(pairs)(
    'LCK-06: is frozen in every spelling at every other: $fail, then $tried',
    async ({ fail, tried }) => {
      const account = newAccount()
      const [name = '', ...others] = spellingsOf(account)
      const refused = DOORS[fail](host, { username: name, password: 'wrong' })
      while ((await house.verifications(account)).wrong === 0) await delay(5)
      await delay(200)
      const answers = await Promise.all(
        [...others, name].map((username) => DOORS[tried](host, { username, password: RIGHT })),
      )
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

describe('everybody who is refused, at every door', () => {
  const answers: Answer[] = []
  const costs = new Map<DoorName, Record<string, number>>()

  beforeAll(async () => {
    for (const door of doors) {
      // What was refused at the door before must not be frozen at this one.
      await delay(FREEZE_MS + 100)
      const pending = [DOORS[door](host, { username: 'jane-901', password: 'wrong' })]
      await delay(200)
      const cost: Record<string, number> = {}
      for (const { who, username, password } of REFUSED) {
        const before = (await house.lines()).length
        pending.push(DOORS[door](host, { username: username(), password }))
        await delay(200)
        cost[who] = (await house.lines()).length - before
      }
      costs.set(door, cost)
      answers.push(...(await Promise.all(pending)))
    }
  }, 90_000)

  it('LOG-01: gets the same bytes', () => {
    expect(new Set(answers.map(({ bytes }) => bytes)).size).toBe(1)
    expect(answers[0]?.bytes).toMatch(/^401 /)
    expect(answers[0]?.bytes).toContain('authentication required')
  })

  it('LCK-02: waits for the whole freeze', () => {
    for (const { tookMs } of answers) expect(tookMs).toBeGreaterThanOrEqual(FREEZE_MS - 5)
  })

  it.each(doors)('LOG-02: costs one verification, or none when malformed or frozen: %s', (door) => {
    expect(costs.get(door)).toEqual(Object.fromEntries(REFUSED.map(({ who, cost }) => [who, cost])))
  })
})
