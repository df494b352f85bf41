import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requires } from '../../test/servers/requirements.ts'
import { type RunningExample, runExample } from '../../test/servers/run-example.ts'

const need = requires('openssl')
describe.skipIf(need.skip)(`people of an authenticating proxy${need.note}`, () => {
  let example: RunningExample
  beforeAll(async () => {
    example = await runExample(new URL('server.ts', import.meta.url), 2)
  })
  afterAll(() => example?.stop())

  it('says what its README says', () => {
    const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')
    expect(readme).toContain(example.said.split('\n')[0])
  })

  it('lets people in by password and by token, each by their own', async () => {
    const statusAs = async (name: string, secret: string) => (await example.ask(name, secret)).status
    const token = / -p (\S+)/.exec(example.said)?.[1] ?? ''
    expect(await statusAs('jane', 'jane-secret')).toBe(200)
    expect(await statusAs('tokenreview$jane', token)).toBe(200)
    expect(await statusAs('tokenreview$joan', token)).toBe(401)
    expect(await statusAs('jane', token)).toBe(401)
  })
})
