import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BackendUnavailableError } from '@lockkeeper/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askServer } from '../src/control/ask-server.ts'
import { type ControlRoute, type ControlServer, openControlServer } from '../src/control/control-server.ts'

let folder: string
let path: string
let server: ControlServer | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lk-control-'))
  path = join(folder, 'control.sock')
})
afterEach(async () => {
  await server?.close()
  server = undefined
  await rm(folder, { recursive: true })
})

const routes = (entries: Record<string, ControlRoute>) => new Map(Object.entries(entries))
const echo = routes({ echo: async (question) => ({ question }) })

describe('the socket of a running server', () => {
  it('answers questions in JSON', async () => {
    server = await openControlServer(path, echo)
    expect(await askServer(path, 'echo', { name: 'Jäne' })).toEqual({ question: { name: 'Jäne' } })
  })

  it('is for its owner alone, whatever the mask of the process is', async () => {
    const before = process.umask(0)
    server = await openControlServer(path, echo)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(process.umask(before)).toBe(0)
  })

  it('is gone when the server is', async () => {
    await (await openControlServer(path, echo)).close()
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('replaces one that a dead server left behind', async () => {
    await writeFile(path, '')
    server = await openControlServer(path, echo)
    expect(await askServer(path, 'echo', {})).toEqual({ question: {} })
  })

  it('is not taken from a server that lives', async () => {
    server = await openControlServer(path, echo)
    await expect(openControlServer(path, routes({}))).rejects.toMatchObject({
      code: 'ERR_CONFIGURATION',
      message: expect.stringContaining('belongs to another server'),
    })
    expect(await askServer(path, 'echo', {})).toEqual({ question: {} })
  })

  it('cannot have a path that is longer than a socket may have, and says so on both sides', async () => {
    const long = join(folder, 'x'.repeat(100), 'control.sock')
    await expect(openControlServer(long, echo)).rejects.toThrow(/bytes long.*choose a shorter data folder with --data/)
    await expect(askServer(long, 'echo', {})).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })

  it('tells what a question failed with, and outages as outages', async () => {
    server = await openControlServer(
      path,
      routes({
        bad: async () => {
          throw new TypeError('no such name')
        },
        down: async () => {
          throw new BackendUnavailableError('database', 'is down')
        },
      }),
    )
    await expect(askServer(path, 'bad', {})).rejects.toMatchObject({
      code: 'ERR_INVALID_INPUT',
      message: 'no such name',
    })
    await expect(askServer(path, 'down', {})).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    await expect(askServer(path, 'newer', {})).rejects.toThrow('another version')
  })

  it('reads no endless question', async () => {
    server = await openControlServer(path, echo)
    await expect(askServer(path, 'echo', { name: 'x'.repeat(20_000) })).rejects.toThrow()
  })

  it('answers to no other method, so that no link or image asks it anything', async () => {
    server = await openControlServer(path, echo)
    const status = await new Promise((resolve, reject) => {
      request({ socketPath: path, path: '/echo' }, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end()
    })
    expect(status).toBe(404)
  })
})

describe('asking a server', () => {
  it('that does not run says how to start one', async () => {
    const none = { code: 'ERR_BACKEND_UNAVAILABLE', message: expect.stringContaining('start it with lockkeeper serve') }
    await expect(askServer(path, 'echo', {})).rejects.toMatchObject(none)
    await writeFile(path, '')
    await expect(askServer(path, 'echo', {})).rejects.toMatchObject(none)
  })
})
