import { X509Certificate } from 'node:crypto'
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigurationError, type ConfigurationProblem } from '@lockkeeper/core'
import { openAuthority, validityOf } from './authority.ts'
import { KEY_FILES, signingCertificateFile, signingKeyFile } from './key-files.ts'
import type { GivenCertificates, KeyMaterial } from './key-ring.ts'
import { type PrivateKeyResult, readPrivateKey, type SigningAlgorithm } from './private-key.ts'
import { makeSigningKey } from './signing-keys.ts'

const ALGORITHMS: readonly SigningAlgorithm[] = ['ES256', 'RS256']
const MAX_FILE_BYTES = 65_536
const MAX_CERTIFICATES = 5

type Key = Extract<PrivateKeyResult, { outcome: 'accepted' }>

/**
 * Reads and judges everything in a key folder.
 *
 * @throws {ConfigurationError} with every problem found, each naming its file and what to do.
 */
export async function readKeyFolder(folder: string, nowMs: number): Promise<KeyMaterial> {
  const reader = new FolderReader(folder, nowMs)
  const material = await reader.read()
  if (reader.problems.length > 0) throw new ConfigurationError(`key folder ${folder}`, reader.problems)
  return material
}

class FolderReader {
  readonly problems: ConfigurationProblem[] = []
  readonly #folder: string
  readonly #nowMs: number

  constructor(folder: string, nowMs: number) {
    this.#folder = folder
    this.#nowMs = nowMs
  }

  async read(): Promise<KeyMaterial> {
    const nothing: KeyMaterial = { keys: [], rootCertificates: '' }
    if (!(await this.#isSoundFolder())) return nothing

    const certificates = await this.#readCertificates(KEY_FILES.authority)
    const authorityKey = await this.#readKey(KEY_FILES.authorityKey)
    const root = certificates?.[0]
    if (authorityKey && !root) this.#problem(KEY_FILES.authority, 'is missing beside ca.key; restore it from a backup')
    if (root && authorityKey) this.#checkPair(KEY_FILES.authorityKey, authorityKey, root)
    if (root && !root.ca) this.#problem(KEY_FILES.authority, 'is no certificate of an authority (CA:FALSE)')

    const keys: KeyMaterial['keys'][number][] = []
    for (const algorithm of ALGORITHMS) {
      const key = await this.#readSigningKey(algorithm)
      const given = await this.#readGiven(algorithm, key)
      if (key) keys.push({ key: makeSigningKey(key.privateKey, key.algorithm), ...(given && { given }) })
    }
    if (keys.length === 0 && this.problems.length === 0) {
      this.#problem('', 'holds no signing key; make one with `lockkeeper keys new`')
    }
    if (this.problems.length > 0) return nothing
    const rootCertificates = (certificates ?? []).map(String).join('')
    if (!root || !authorityKey) return { keys, rootCertificates }
    return { authority: await openAuthority(authorityKey.privateKey, root.toString()), keys, rootCertificates }
  }

  async #isSoundFolder(): Promise<boolean> {
    const found = await stat(this.#folder).catch(() => undefined)
    if (!found?.isDirectory()) {
      this.#problem('', 'does not exist; make it with `lockkeeper keys new`')
      return false
    }
    if ((found.mode & 0o022) !== 0) {
      this.#problem('', `can be written by others (mode ${octal(found.mode)}); run \`chmod 700\` on it`)
    }
    return true
  }

  async #readSigningKey(algorithm: SigningAlgorithm): Promise<Key | undefined> {
    const file = signingKeyFile(algorithm)
    const key = await this.#readKey(file)
    if (!key || key.algorithm === algorithm) return key
    this.#problem(file, `holds a key for ${key.algorithm}; name it ${signingKeyFile(key.algorithm)}`)
    return undefined
  }

  async #readGiven(algorithm: SigningAlgorithm, key: Key | undefined): Promise<GivenCertificates | undefined> {
    const file = signingCertificateFile(algorithm)
    const chain = await this.#readCertificates(file)
    const own = chain?.[0]
    if (!chain || !own) return undefined
    if (!key) this.#problem(file, `has no ${signingKeyFile(algorithm)} beside it`)
    else this.#checkPair(signingKeyFile(algorithm), key, own)
    const parts = chain.map(validityOf)
    const validity = {
      fromMs: Math.max(...parts.map(({ fromMs }) => fromMs)),
      untilMs: Math.min(...parts.map(({ untilMs }) => untilMs)),
    }
    return { ders: chain.map(({ raw }) => raw), validity }
  }

  async #readKey(file: string): Promise<Key | undefined> {
    const content = await this.#readFile(file, true)
    if (content === undefined) return undefined
    const result = readPrivateKey(content)
    if (result.outcome === 'accepted') return result
    this.#problem(file, result.message)
    return undefined
  }

  async #readCertificates(file: string): Promise<readonly X509Certificate[] | undefined> {
    const content = await this.#readFile(file, false)
    if (content === undefined) return undefined
    const blocks = content.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
    if (blocks.length === 0 || blocks.length > MAX_CERTIFICATES) {
      this.#problem(file, `must hold one to ${MAX_CERTIFICATES} certificates in PEM`)
      return undefined
    }
    try {
      const certificates = blocks.map((block) => new X509Certificate(block))
      const ended = certificates.find((certificate) => validityOf(certificate).untilMs <= this.#nowMs)
      if (ended) this.#problem(file, `holds a certificate that ended at ${ended.validTo}; supply a new one`)
      return certificates
    } catch {
      this.#problem(file, 'holds a certificate that cannot be read; is the file complete?')
      return undefined
    }
  }

  async #readFile(file: string, isSecret: boolean): Promise<Buffer | undefined> {
    const handle = await open(join(this.#folder, file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') this.#problem(file, `cannot be read (${error.code})`)
      return undefined
    })
    if (!handle) return undefined
    try {
      // Asked of the open file, so that what is judged is what is read.
      const { mode, size } = await handle.stat()
      if (isSecret && (mode & 0o077) !== 0) {
        this.#problem(file, `can be read by others (mode ${octal(mode)}); run \`chmod 600\` on it`)
        return undefined
      }
      if (size <= MAX_FILE_BYTES) return await handle.readFile()
      this.#problem(file, `is larger than ${MAX_FILE_BYTES} bytes; that is no PEM file`)
    } catch (error) {
      this.#problem(file, `cannot be read (${error instanceof Error && 'code' in error ? error.code : 'unknown'})`)
    } finally {
      await handle.close()
    }
    return undefined
  }

  #checkPair(keyFile: string, key: Key, certificate: X509Certificate): void {
    if (certificate.checkPrivateKey(key.privateKey)) return
    this.#problem(keyFile, 'and its certificate do not belong together; restore the two from the same backup')
  }

  /** The first problem of a file is told; the others mostly follow from it. */
  #problem(path: string, message: string): void {
    if (this.problems.some((known) => known.path === path)) return
    this.problems.push({ path, message })
  }
}

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0')
