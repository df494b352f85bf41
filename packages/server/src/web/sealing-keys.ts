import { randomBytes } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import { ConfigurationError } from '@lockkeeper/core'
import type { TokenCipherOptions } from '@lockkeeper/oidc'

/**
 * Reads the keys that seal what providers gave us: one `id secret` on a line, the first of which seals. A file that is
 * missing is made, readable by its owner alone, unless it was named: then it is the operator's.
 *
 * @throws {ConfigurationError} when the file cannot be read or made.
 */
export async function readSealingKeys(file: string, isNamed: boolean): Promise<TokenCipherOptions['keys']> {
  if (!isNamed) await makeMissing(file)
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const message =
      'cannot be read; make it with one line: a name of your choice, a blank, and `openssl rand -base64 32`'
    throw new ConfigurationError(file, [{ path: '', message }], { cause })
  })
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.map((line) => {
    const [id = '', secret = ''] = line.trim().split(/\s+/)
    return { id, secret }
  })
}

async function makeMissing(file: string): Promise<void> {
  try {
    const handle = await open(file, 'wx', 0o600)
    await handle.writeFile(`first ${randomBytes(32).toString('base64')}\n`)
    await handle.close()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return
    throw new ConfigurationError(file, [{ path: '', message: 'cannot be made' }], { cause: error })
  }
}
