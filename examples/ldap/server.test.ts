import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requires } from '../../test/servers/requirements.ts'
import { accessIn, type RunningExample, runExample } from '../../test/servers/run-example.ts'

const need = requires('slapd', 'openssl')
describe.skipIf(need.skip)(`people and groups of a directory${need.note}`, () => {
  let example: RunningExample
  beforeAll(async () => {
    example = await runExample(new URL('server.ts', import.meta.url))
  })
  afterAll(() => example?.stop())

  const askAs = (name: string, password: string) => example.ask(name, password, 'repository:shop/app:pull,push')

  it('says what its README says', () => {
    expect(readFileSync(new URL('README.md', import.meta.url), 'utf8')).toContain(example.said)
  })

  it('lets the team push, and shows the project to nobody else', async () => {
    const jane = await accessIn(await askAs('jane', 'jane-secret'))
    expect(jane).toEqual([{ type: 'repository', name: 'shop/app', actions: ['pull', 'push'] }])
    expect(await accessIn(await askAs('joan', 'joan-secret'))).toEqual([])
  })

  it('lets nobody in with another password', async () => {
    expect((await askAs('jane', 'joan-secret')).status).toBe(401)
    expect((await askAs('nobody', 'jane-secret')).status).toBe(401)
  })
})
