import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, makeHouse } from './house.ts'

let house: House
beforeAll(async () => {
  house = await makeHouse()
})
afterAll(() => house.remove())

const SECTION = 'a section of keys with values'

describe('what a configuration may not have is told in words of the file', () => {
  // biome-ignore format: a table is read by column
  it.each([
    ['words',                                          `must be ${SECTION}`],
    ['[listen]',                                       `must be ${SECTION}`],
    ['listen: 8080',                                   'listen must be a text'],
    ['auth: db_auth',                                  `auth must be ${SECTION}`],
    ['auth: { modes: db_auth }',                       'auth.modes must be a list, such as [a, b]'],
    ['lockout: { freezeMs: 1.5 }',                     'lockout.freezeMs must be a whole number'],
    ['lockout: { freezeMs: -1 }',                      'lockout.freezeMs must be at least 0'],
    ['lockout: { keepVerifiedSeconds: soon }',         'lockout.keepVerifiedSeconds must be a number'],
    ['lockout: { refuseStrangersDuringSpray: maybe }', 'lockout.refuseStrangersDuringSpray must be true or false'],
    ['lockout: { policy: hard }',                      'lockout.policy must be one of flat, escalating, ownerSafe'],
    ['tokens: { services: [registry] }',               `tokens.services must be ${SECTION}`],
    [`tokens: { issuer: ${'x'.repeat(256)} }`,         'tokens.issuer must be at most 255 characters long'],
    ['database: { client: mysql }',                    'client must be one of better-sqlite3, pg, mysql2'],
    ['database: { client: pg }',                       `connection is missing; it must be ${SECTION}`],
  ])('%s', async (yaml, problem) => {
    await house.configure(yaml)
    const { code, stderr } = await house.run(['user', 'list'])
    expect({ code, problems: stderr.split('\n').slice(1, -1) }).toEqual({ code: 2, problems: [`  ${problem}`] })
  })
})
