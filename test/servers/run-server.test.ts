import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { claim } from './claim.ts'
import { execute } from './command.ts'
import { freePort } from './free-port.ts'
import { processesIn } from './processes-in.ts'
import { runServer } from './run-server.ts'
import { temporaryFolder } from './temporary-folder.ts'

const shell = async (script: string, probe: () => Promise<unknown>) => {
  const folder = await temporaryFolder()
  return { name: 'shell', command: '/bin/sh', args: ['-c', script], folder, probe, readyWithinMs: 200 }
}
const never = () => Promise.reject(new Error('connection refused'))

describe('a server that does not start', () => {
  it('shows its last words when it ends', async () => {
    const program = await shell('echo cannot read the configuration >&2; exit 3', never)
    await expect(runServer(program)).rejects.toThrow(/shell ended with 3.*\n.*cannot read the configuration/)
    expect(existsSync(program.folder.path)).toBe(false)
  })

  it('is given up, with its children, when it never answers', async () => {
    const program = await shell('sleep 60 & echo waiting; wait', never)
    await expect(runServer(program)).rejects.toThrow(/shell does not answer after 200 ms.*\nwaiting/)
    expect(processesIn(program.folder.path)).toEqual([])
    expect(existsSync(program.folder.path)).toBe(false)
  })

  it('is named when its program is not there', async () => {
    const program = { ...(await shell('', never)), command: '/nowhere/server' }
    await expect(runServer(program)).rejects.toThrow(/ENOENT/)
  })
})

describe('a server that ignores the request to stop', () => {
  it('is killed, children included', async () => {
    const program = await shell('trap "" TERM; echo up > up; sleep 60 & sleep 60 & wait; wait', async () => {
      if (!existsSync(`${program.folder.path}/up`)) throw new Error('not up')
    })
    const server = await runServer({ ...program, stopWithinMs: 100 })
    expect(processesIn(server.folder)).toHaveLength(3)
    await server.stop()
    expect(processesIn(server.folder)).toEqual([])
  })
})

describe('when the test process is killed', () => {
  it('leaves neither process nor folder behind, not even of a paused server', async () => {
    const script = `
      const { runServer } = await import('${import.meta.dirname}/run-server.ts')
      const { temporaryFolder } = await import('${import.meta.dirname}/temporary-folder.ts')
      const folder = await temporaryFolder()
      const server = await runServer({ name: 'sleep', command: '/bin/sleep', args: ['60'], folder, probe: async () => {} })
      server.pause()
      process.stdout.write(server.folder, () => process.kill(process.pid, 'SIGKILL'))`
    const { code, stdout } = await execute(process.execPath, ['--input-type=module', '-e', script])
    expect(code).toBe(128)
    expect(stdout).toMatch(/\/lk-\w{6}$/)
    for (let waited = 0; existsSync(stdout) && waited < 10_000; waited += 50) await delay(50)
    expect(existsSync(stdout)).toBe(false)
    expect(processesIn(stdout)).toEqual([])
  })
})

describe('ports', () => {
  it('are handed out once', async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, freePort))
    expect(new Set(ports).size).toBe(50)
  })

  it('are claimed by one holder at a time', async () => {
    const first = await claim('run-server.test')
    expect(await claim('run-server.test')).toBeUndefined()
    await first?.release()
    const second = await claim('run-server.test')
    expect(second).toBeDefined()
    await second?.release()
  })
})

describe('commands', () => {
  it('are ended when they take too long', async () => {
    const { code, stdout, stderr } = await execute('/bin/sh', ['-c', 'echo begun; sleep 60'], { timeoutMs: 200 })
    expect({ code, stdout }).toEqual({ code: 124, stdout: 'begun\n' })
    expect(stderr).toContain('not finished after 200 ms')
  })
})
