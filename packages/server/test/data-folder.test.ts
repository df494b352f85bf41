import { existsSync } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { dataFolderAt, openDataFolder } from '../src/data-folder.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lk-data-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

describe('the data folder', () => {
  it('is made for its owner alone, with what is above it, and is the same at the next start', async () => {
    const path = join(folder, 'a', 'b', 'data')
    expect((await openDataFolder(path)).path).toBe(path)
    expect((await stat(path)).mode & 0o777).toBe(0o700)
    expect((await openDataFolder(path)).path).toBe(path)
  })

  it('is .lockkeeper here where a name is empty, and never the folder here itself', () => {
    vi.stubEnv('LOCKKEEPER_DATA', '')
    for (const named of [undefined, '']) expect(dataFolderAt(named).path).toMatch(/[/]\.lockkeeper$/)
    vi.stubEnv('LOCKKEEPER_DATA', '/srv/lk')
    expect([dataFolderAt('').path, dataFolderAt('/a').path]).toEqual(['/srv/lk', '/a'])
  })

  it('is made once by commands that start at the same moment', async () => {
    const path = join(folder, 'a', 'b', 'data')
    await Promise.all([openDataFolder(path), openDataFolder(path), openDataFolder(path)])
    expect((await stat(path)).isDirectory()).toBe(true)
  })

  it('is refused where there is a file, with what to do', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    await expect(openDataFolder(file)).rejects.toMatchObject({
      code: 'ERR_CONFIGURATION',
      problems: [{ path: '', message: 'is no folder; name one with --data' }],
    })
    await expect(openDataFolder(join(file, 'data'))).rejects.toThrow('cannot be made (ENOTDIR); name a folder')
  })

  it.skipIf(!existsSync('/proc'))('is refused at once where no folder can be', async () => {
    for (const path of ['/proc/x', '/proc/x/y']) {
      await expect(openDataFolder(path)).rejects.toThrow('cannot be made (ENOENT); name a folder you may write to')
    }
  })
})
