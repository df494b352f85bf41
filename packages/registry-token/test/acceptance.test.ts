import { beforeAll, describe, expect, it } from 'vitest'
import { ACCEPTANCE_ROWS, COLUMNS, certifyRows, tokenOf, trustOf } from './acceptance-rows.ts'
import { controllerFor, ecKey, jwksOf, outcomeOf } from './forge.ts'

beforeAll(certifyRows)

describe.each(COLUMNS.map((profile, column) => ({ profile, column })))(
  'the rules of $profile',
  ({ profile, column }) => {
    it.each(ACCEPTANCE_ROWS)('$what', async (row) => {
      const controller = controllerFor(trustOf(row), { profile })
      expect(await outcomeOf(controller, tokenOf(row))).toBe(row.expected[column])
    })

    it.each(['Bearer  x', 'Bearer x y'])('answers %j as that registry does', async (authorization) => {
      const verified = await controllerFor({ jwks: jwksOf(ecKey()) }, { profile }).authorize(authorization, [])
      expect(verified.outcome === 'challenge' && verified.error).toBe(profile === '2.x' ? undefined : 'invalid_token')
    })
  },
)
