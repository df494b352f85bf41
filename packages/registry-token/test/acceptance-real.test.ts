import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requires } from '../../../test/servers/requirements.ts'
import { ACCEPTANCE_ROWS, certifyRows, tokenOf, trustOf } from './acceptance-rows.ts'
import { type Registries, trustingRegistries } from './registries.ts'

/** Our profiles claim to decide as these programs do; here the programs decide. */
describe.each([
  { version: '2.8', column: 0, rows: ACCEPTANCE_ROWS.filter(({ only3 }) => !only3) },
  { version: '3', column: 1, rows: ACCEPTANCE_ROWS },
] as const)('registry $version', ({ version, column, rows }) => {
  const need = requires(`registry-${version}`)
  let registries: Registries
  beforeAll(async () => {
    await certifyRows()
    registries = trustingRegistries(version)
  })
  afterAll(() => registries?.stop())

  describe.skipIf(need.skip)(`takes and refuses what its column says${need.note}`, () => {
    it.each(rows)('$what', async (row) => {
      const registry = await registries.trusting(trustOf(row))
      const response = await fetch(`${registry.url}/v2/team/app/tags/list`, {
        headers: { authorization: `Bearer ${tokenOf(row)}` },
      })
      const isDefect = row.defectOf3 === true && version === '3'
      const isGranted = (row.expected[column] === 'granted') !== isDefect
      // Past the verification, a registry says that it has no such repository.
      expect(response.status).toBe(isGranted ? 404 : 401)
    })
  })
})
