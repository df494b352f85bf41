import { generateKeyPairSync } from 'node:crypto'
import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { createKeyFolder } from '../src/keys/create-key-folder.ts'
import { openKeyFolder } from '../src/keys/key-folder.ts'
import { stoppedClock } from './clock.ts'

/** A fresh key folder for each test of a file, sound until the test breaks it. */
export function testFolders() {
  const clock = stoppedClock()
  let scratch = ''
  let folder = ''
  let count = 0
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'lockkeeper-keys-'))
    await createKeyFolder(join(scratch, 'model'), { clock })
    await createKeyFolder(join(scratch, 'model'), { algorithm: 'RS256', rsaBits: 2048, clock })
  })
  beforeEach(async () => {
    folder = join(scratch, `folder-${count++}`)
    await cp(join(scratch, 'model'), folder, { recursive: true })
    await chmod(folder, 0o700)
  })
  afterAll(() => rm(scratch, { recursive: true, force: true }))

  const file = (name: string): string => join(folder, name)
  return {
    clock,
    folder: () => folder,
    /** A path beside the folders that nothing has yet. */
    scratch: (name: string): string => join(scratch, name),
    file,
    open: (path = folder) => openKeyFolder(path, { clock }),
    /** Replaces a private key. */
    fileWith: (name: string, pem: string | Buffer) => writeFile(file(name), pem, { mode: 0o600 }),
  }
}

/** A new P-256 key, PEM. */
export const newKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
