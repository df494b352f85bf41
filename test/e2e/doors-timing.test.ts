// Long: a few minutes of logins, one at a time.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectNotToldApart } from '../measure/told-apart.ts'
import { RIGHT } from './counting-auth.ts'
import { DOORS, type Door, type LockoutHouse, logIn, right, startHouse } from './lockout-house.ts'

const PASSWORD = 'A-Local-Password-1'

/** People of every kind, on a server that keeps verified logins for longer than any test. */
async function startPopulated(freezeMs: number): Promise<LockoutHouse> {
  const lockout = { freezeMs, keepVerifiedSeconds: 300 }
  const house = await startHouse(1, lockout, 'log: { level: warn }\n', { rounds: 40_000 })
  const [server] = house.servers
  for (const name of ['local', 'other', 'disabled']) await server?.addUser(name, PASSWORD)
  await server?.run(['user', 'disable', 'disabled'])
  // An account that another mode brought in: it has no local password.
  await logIn(house.host(0), right('jane-900'))
  return house
}

let number = 0
const fresh = (name: string): string => {
  number += 1
  return `${name}-${number}`
}

describe('LOG-02: with verified logins kept, and no freeze to hide behind', () => {
  let house: LockoutHouse
  beforeAll(async () => {
    house = await startPopulated(0)
  }, 120_000)
  afterAll(() => house?.stop())

  /** A refusal. @returns The milliseconds it took. */
  const refused = (door: Door, username: string, password: string) => async () => {
    const { status, tookMs } = await door.tries(house.host(0), { username, password })
    expect(status).toBe(401)
    return tookMs
  }

  describe.each(DOORS)('$name', (door) => {
    beforeAll(async () => {
      for (let n = 0; n < 20; n += 1) await refused(door, fresh('nobody'), 'wrong')()
    })

    it('an unknown name takes as long as a wrong password', async () => {
      await expectNotToldApart(() => refused(door, fresh('nobody'), 'wrong')(), refused(door, 'other', 'wrong'))
    }, 600_000)

    it('a disabled account with the right password takes as long as an unknown name', async () => {
      await expectNotToldApart(refused(door, 'disabled', PASSWORD), () => refused(door, fresh('nobody'), 'wrong')())
    }, 600_000)

    it('an account of another mode takes as long as an unknown name', async () => {
      await expectNotToldApart(refused(door, 'jane-900', 'wrong'), () => refused(door, fresh('nobody'), 'wrong')())
    }, 600_000)

    it('LCK-04: a wrong guess takes as long at a name whose login is kept as at one whose is not', async () => {
      const guessAtKept = async () => {
        // A few wrong ones drop what is kept: it is renewed, and used once to be sure.
        const kept = await door.tries(house.host(0), { username: 'local', password: PASSWORD })
        expect(kept.status).toBe(door.opens)
        return refused(door, 'local', fresh('guess'))()
      }
      const guessAtOther = async () => {
        const kept = await door.tries(house.host(0), { username: 'local', password: PASSWORD })
        expect(kept.status).toBe(door.opens)
        return refused(door, 'other', fresh('guess'))()
      }
      await expectNotToldApart(guessAtKept, guessAtOther)
    }, 600_000)
  })
})

describe('LCK-02: with verified logins kept, a frozen attempt', () => {
  const FREEZE_MS = 300
  let house: LockoutHouse
  beforeAll(async () => {
    house = await startPopulated(FREEZE_MS)
    // How long a refusal takes is known from the last 64.
    for (let n = 0; n < 8; n += 1) {
      await Promise.all(
        Array.from({ length: 8 }, () => logIn(house.host(0), { username: fresh('nobody'), password: 'x' })),
      )
    }
  }, 120_000)
  afterAll(() => house?.stop())

  // At the same time, since most of it is waiting.
  it.concurrent.each(DOORS)(
    'takes as long as a wrong one, with the right password too: $name',
    { timeout: 600_000 },
    async ({ tries }) => {
      const host = house.host(0)
      const wrong = async () => (await tries(host, { username: fresh('nobody'), password: 'wrong' })).tookMs
      const frozen = async (): Promise<number> => {
        const username = fresh('jane')
        const freezing = tries(host, { username, password: 'wrong' })
        await delay(80)
        const { status, tookMs } = await tries(host, { username, password: RIGHT })
        await freezing
        // On a machine that stood still the freeze was over before the attempt began.
        return status === 401 ? tookMs : frozen()
      }
      await expectNotToldApart(frozen, wrong, { pairs: 30, mostPairs: 400 })
    },
  )
})
