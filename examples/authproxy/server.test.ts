import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../test/servers/free-port.ts'
import { requires } from '../../test/servers/requirements.ts'

const need = requires('openssl')
describe.skipIf(need.skip)(`people of an authenticating proxy${need.note}`, () => {
  let child: ChildProcess
  let host: string
  let output = ''
  beforeAll(async () => {
    host = `127.0.0.1:${await freePort()}`
    child = spawn(process.execPath, [fileURLToPath(new URL('server.ts', import.meta.url)), host])
    for await (const chunk of child.stdout ?? []) {
      output += chunk
      if (/^or by a token: .*\n/m.test(output)) return
    }
    throw new Error(`the example ended without being ready: ${output}`)
  })
  afterAll(async () => {
    child.kill('SIGTERM')
    await once(child, 'exit')
  })

  async function statusAs(name: string, secret: string): Promise<number> {
    const authorization = `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`
    const { status } = await fetch(`http://${host}/service/token?service=registry`, { headers: { authorization } })
    return status
  }

  it('says what its README says', () => {
    const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')
    expect(readme).toContain(output.split('\n')[0]?.replace(host, '127.0.0.1:8080'))
  })

  it('lets people in by password and by token, each by their own', async () => {
    const token = /-p (\S+)/.exec(output)?.[1] ?? ''
    expect(await statusAs('jane', 'jane-secret')).toBe(200)
    expect(await statusAs('tokenreview$jane', token)).toBe(200)
    expect(await statusAs('tokenreview$joan', token)).toBe(401)
    expect(await statusAs('jane', token)).toBe(401)
  })
})
