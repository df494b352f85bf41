import { fakeClock } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { as, buildHouse, form } from './house.ts'

/** Everything of an answer that goes over the wire, but for the request id. */
const bytesOf = async (response: Response): Promise<string> => {
  const headers = [...response.headers].filter(([name]) => name !== 'x-request-id')
  return JSON.stringify([response.status, headers, await response.text()])
}

const grant = (username: string, password: string) => form({ grant_type: 'password', username, password })

const DOORS = {
  Basic: as,
  'the password grant': grant,
} as const

describe.each(Object.entries(DOORS))('LOG-01: refusals by %s', (_, present) => {
  const attempts: readonly [what: string, init: RequestInit][] = [
    ['unknown', present('nobody', 'wrong')],
    ['wrong', present('jane', 'wrong')],
    ['frozen', present('jane', 'wrong again')],
    ['an empty password', present('tab', '')],
    ['an empty name', present('', 'x')],
    ['a control character', present('a\u0007b', 'x')],
    ['an over-long name', present('a'.repeat(300), 'x')],
    ['an over-long password', present('jane', 'x'.repeat(1100))],
  ]

  it('are byte-equal for unknown, wrong, frozen and malformed, and leave after the same time', async () => {
    const clock = fakeClock()
    const { ask } = buildHouse({ clock })
    const answers = new Map<string, string>()
    for (const [what, init] of attempts) {
      const pending = ask('/service/token?scope=repository:library/app:pull'.slice(0, init.body ? 14 : undefined), init)
      let settled = false
      pending.finally(() => {
        settled = true
      })
      await clock.advance(1499)
      expect([what, settled]).toEqual([what, false])
      await clock.advance(1)
      answers.set(what, await bytesOf(await pending))
      // The next attempt finds jane frozen only where that is the point.
      if (what !== 'wrong') await clock.advance(2000)
    }
    expect(new Set(answers.values()).size).toBe(1)
    expect([...answers.values()][0]).toContain('[401,')
  })
})

describe('LOG-01: malformed headers', () => {
  it.each([
    ['Basic that is not base64', 'Basic ???'],
    ['Basic without a colon', `Basic ${Buffer.from('jane').toString('base64')}`],
    ['another scheme', 'Negotiate YWJj'],
    ['a Bearer token, which no link here reads', 'Bearer abc'],
    ['an empty value', ''],
  ])('look and wait like a wrong password: %s', async (_, authorization) => {
    const clock = fakeClock()
    const { ask } = buildHouse({ clock })
    const wrong = ask('/service/token', as('jane', 'wrong'))
    const malformed = ask('/service/token', { headers: { authorization } })
    let settled = 0
    for (const answer of [wrong, malformed]) answer.finally(() => settled++)
    await clock.advance(1499)
    expect(settled).toBe(0)
    await clock.advance(1)
    expect(await bytesOf(await malformed)).toBe(await bytesOf(await wrong))
  })
})

describe('LCK-06: the freeze', () => {
  it('of one door holds at the other: Basic and the password grant', async () => {
    const clock = fakeClock()
    const { ask, counting } = buildHouse({ clock })
    for (const [first, second] of [
      [as, grant],
      [grant, as],
    ] as const) {
      counting.reset()
      const wrong = ask('/service/token', first('jane', 'wrong'))
      await clock.advance(0)
      const right = ask('/service/token', second('jane', 'correct horse'))
      await clock.advance(3000)
      expect([(await wrong).status, (await right).status]).toEqual([401, 401])
      expect(counting.counts.verifications).toBe(1)
      await clock.advance(3000)
    }
  })
})
