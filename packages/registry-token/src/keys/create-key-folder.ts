import { createPublicKey } from 'node:crypto'
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type Clock, ConfigurationError, ConflictError, systemClock } from '@lockkeeper/core'
import { createAuthority } from './authority.ts'
import { DEFAULT_RSA_BITS, generatePrivateKey } from './generate.ts'
import { KEY_FILES, signingKeyFile } from './key-files.ts'
import { libtrustKeyId } from './key-id.ts'
import type { SigningAlgorithm } from './private-key.ts'
import { writeNewFile } from './write-new-file.ts'

/** Which key {@link createKeyFolder} makes. */
export interface CreateKeyFolderOptions {
  /** Default: `ES256`. */
  readonly algorithm?: SigningAlgorithm
  /** Size of an RSA key. Default: 3072; signing with 2048 takes a third of the time. */
  readonly rsaBits?: 2048 | 3072 | 4096
  readonly clock?: Clock
}

/** What {@link createKeyFolder} made. */
export interface CreatedKeys {
  /** Names of the new files inside the folder. */
  readonly files: readonly string[]
  /** The libtrust id of the new signing key. */
  readonly keyId: string
}

/**
 * Makes a folder with a certificate authority and a signing key, or adds a signing key of another algorithm to one that
 * is there. Nothing that exists is ever replaced, and a crash leaves either everything or nothing.
 *
 * @param folder Made with its parents where it does not exist: mode 0700, and 0600 for private keys.
 * @throws {ConflictError} when the folder has a signing key of this algorithm, or holds other things but no authority.
 * @throws {ConfigurationError} when this process may not read or write there.
 */
export async function createKeyFolder(folder: string, options: CreateKeyFolderOptions = {}): Promise<CreatedKeys> {
  const { algorithm = 'ES256', rsaBits = DEFAULT_RSA_BITS, clock = systemClock } = options
  const privateKey = generatePrivateKey(algorithm, rsaBits)
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const keyId = libtrustKeyId(createPublicKey(privateKey))
  const keyFile = signingKeyFile(algorithm)

  try {
    if (await exists(join(folder, KEY_FILES.authority))) {
      await writeNewFile(join(folder, keyFile), pem, 0o600)
      return { files: [keyFile], keyId }
    }
    const { authority, privateKeyPem } = await createAuthority(clock.wallMs())
    await makeWhole(resolve(folder), [
      { name: KEY_FILES.authorityKey, content: privateKeyPem, mode: 0o600 },
      { name: KEY_FILES.authority, content: authority.certificatePem, mode: 0o644 },
      { name: keyFile, content: pem, mode: 0o600 },
    ])
  } catch (error) {
    throw explained(folder, error)
  }
  return { files: [KEY_FILES.authorityKey, KEY_FILES.authority, keyFile], keyId }
}

interface NewFile {
  readonly name: string
  readonly content: string
  readonly mode: number
}

/** Fills a folder beside the final one and renames it, which works only onto a name that is free or an empty folder. */
async function makeWhole(folder: string, files: readonly NewFile[]): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const beside = await mkdtemp(`${folder}.new-`)
  try {
    for (const { name, content, mode } of files) await writeNewFile(join(beside, name), content, mode)
    await rename(beside, folder)
  } catch (error) {
    await rm(beside, { recursive: true, force: true })
    if (!isNotEmpty(error)) throw error
    throw new ConflictError(
      `the folder ${folder} holds other things and no ${KEY_FILES.authority}; name an empty or a new folder for the keys`,
    )
  }
}

/** What the file system objects to is the operator's to mend. */
function explained(folder: string, error: unknown): unknown {
  const code = codeOf(error)
  if (code === undefined || code.startsWith('ERR_')) return error
  const message = `cannot be used (${code}): let this process read and write there, or name another folder`
  return new ConfigurationError(`key folder ${folder}`, [{ path: '', message }], { cause: error })
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined

const isNotEmpty = (error: unknown): boolean => ['ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')

/** A folder that may not be looked into is none that is free. */
async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}
