import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { executeOrThrow } from '../servers/command.ts'
import { freePort } from '../servers/free-port.ts'
import { requires } from '../servers/requirements.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'
import { clientsOf } from './clients.ts'
import { makeImage } from './image.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TIMEOUT = 60_000

let child: ChildProcess | undefined
afterEach(async () => {
  const running = child
  child = undefined
  if (running === undefined || running.exitCode !== null) return
  const ended = once(running, 'exit')
  running.kill('SIGTERM')
  await ended
})

/** Starts a program and returns its line that begins with `ready:`. */
async function start(program: string, ...words: readonly string[]): Promise<string> {
  child = spawn(process.execPath, [program, ...words], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for await (const chunk of child.stdout ?? []) {
    output += chunk
    const line = /^ready: .*$/m.exec(output)?.[0]
    if (line !== undefined) return line
  }
  throw new Error(`${program} ended without being ready: ${output}`)
}

const readme = (example: string) => readFile(new URL(`../../examples/${example}/README.md`, import.meta.url), 'utf8')

describe('the examples do what their READMEs say', () => {
  const docker = requires('docker')

  it.skipIf(docker.skip).each([
    ['minimal', 'ann', 'correct horse'],
    ['custom-auth-mode', 'jane', 'open sesame'],
  ])(`%s: docker logs in${docker.note}`, { timeout: TIMEOUT }, async (example, username, password) => {
    const host = `127.0.0.1:${await freePort()}`
    const line = await start(`examples/${example}/server.ts`, host)
    expect(await readme(example)).toContain(line.replace(host, '127.0.0.1:8080'))
    const home = await temporaryFolder()
    const clients = clientsOf(home.path)
    expect((await clients.docker.login(host, { username, password })).stdout).toContain('Login Succeeded')
    await home.remove()
  })

  it('minimal stays within 25 lines, and the auth mode within 40', async () => {
    for (const [file, most] of [
      ['minimal/server.ts', 25],
      ['custom-auth-mode/htpasswd-auth.ts', 40],
    ] as const) {
      const text = await readFile(new URL(`../../examples/${file}`, import.meta.url), 'utf8')
      expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(most)
    }
  })

  it('with-decorators prints what it states', { timeout: TIMEOUT }, async () => {
    const env = { ...process.env, PATH: `${ROOT}/node_modules/.bin:${process.env.PATH}` }
    const stdout = await executeOrThrow('npm', ['run', '-s', 'start', '--prefix', 'examples/with-decorators'], {
      cwd: ROOT,
      env,
    })
    expect(await readme('with-decorators')).toContain(stdout.trim())
  })

  const registry = requires('registry-2.8', 'skopeo')
  it.skipIf(registry.skip)(`registry: pushes and pulls${registry.note}`, { timeout: TIMEOUT }, async () => {
    const [listen, host] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
    const line = await start('examples/registry/start.ts', listen, host)
    expect(await readme('registry')).toContain(line.replace(host, '127.0.0.1:5000'))
    const home = await temporaryFolder()
    const image = await makeImage(`${home.path}/image`, 'hello')
    const { skopeo } = clientsOf(home.path)
    expect(await skopeo.login(host, { username: 'admin', password: 'Change-me-7' })).toMatchObject({ code: 0 })
    expect(await skopeo.copy(image.layout, `docker://${host}/library/hello:1`)).toMatchObject({ code: 0 })
    expect(await skopeo.logout(host)).toMatchObject({ code: 0 })
    expect(await skopeo.inspect(`docker://${host}/library/hello:1`)).toMatchObject({ code: 0 })
    await home.remove()
  })
})
