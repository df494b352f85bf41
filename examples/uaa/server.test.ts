import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../test/servers/free-port.ts'

describe('people and scopes of a UAA', () => {
  let child: ChildProcess
  let host: string
  let output = ''
  beforeAll(async () => {
    host = `127.0.0.1:${await freePort()}`
    child = spawn(process.execPath, [fileURLToPath(new URL('server.ts', import.meta.url)), host])
    for await (const chunk of child.stdout ?? []) {
      output += chunk
      if (output.includes('ready: ')) return
    }
    throw new Error(`the example ended without being ready: ${output}`)
  })
  afterAll(async () => {
    child.kill('SIGTERM')
    await once(child, 'exit')
  })

  const askAs = (name: string, password: string): Promise<Response> => {
    const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
    const scope = 'repository:shop/app:pull,push'
    return fetch(`http://${host}/service/token?service=registry&scope=${scope}`, { headers: { authorization } })
  }
  async function accessOf(answer: Response): Promise<unknown> {
    const { token } = (await answer.json()) as { token: string }
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).access
  }

  it('says what its README says', () => {
    const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')
    expect(readme).toContain(output.trim().replace(host, '127.0.0.1:8080'))
  })

  it('lets the scope push, and shows the project to nobody else', async () => {
    const jane = await accessOf(await askAs('jane', 'jane-secret'))
    expect(jane).toEqual([{ type: 'repository', name: 'shop/app', actions: ['pull', 'push'] }])
    expect(await accessOf(await askAs('joan', 'joan-secret'))).toEqual([])
  })

  it('lets nobody in with another password', async () => {
    expect((await askAs('jane', 'joan-secret')).status).toBe(401)
  })
})
