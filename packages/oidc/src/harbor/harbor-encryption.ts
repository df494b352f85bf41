import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ConfigurationError, Secret } from '@lockkeeper/core'

const PREFIX = '<enc-v1>'
const IV_BYTES = 16

/** Reads and writes values in the encryption of a Harbor that shares the database. */
export interface HarborEncryption {
  encrypt(plain: string): string
  /** @returns `undefined` when the value is not in this form. A wrong key yields other text: the form has no seal. */
  decrypt(value: string): string | undefined
}

/**
 * Harbor's encryption: `<enc-v1>` and base64 of a random IV and AES-CFB. It notices no change and no wrong key, so it is
 * for Harbor's own columns alone; `tokenCipher` is for ours.
 *
 * @param key 16, 24 or 32 bytes.
 */
export function harborEncryption(key: Secret<Uint8Array>): HarborEncryption {
  const algorithm = `aes-${key.reveal().length * 8}-cfb`
  return {
    encrypt(plain) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv(algorithm, key.reveal(), iv)
      return PREFIX + Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final()]).toString('base64')
    },
    decrypt(value) {
      if (!value.startsWith(PREFIX)) return undefined
      const bytes = Buffer.from(value.slice(PREFIX.length), 'base64')
      if (bytes.length < IV_BYTES) return undefined
      const decipher = createDecipheriv(algorithm, key.reveal(), bytes.subarray(0, IV_BYTES))
      return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES)), decipher.final()]).toString('utf8')
    },
  }
}

/**
 * Reads Harbor's key file, byte for byte as Harbor does.
 *
 * @throws {ConfigurationError} when it cannot be read or is no key.
 */
export function readHarborKey(path: string): Secret<Uint8Array> {
  const problem = (message: string, cause?: unknown) =>
    new ConfigurationError('oidc_auth', [{ path: 'harbor.keyFile', message }], { cause })
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw problem(`cannot be read: ${path}`, error)
  }
  if (![16, 24, 32].includes(bytes.length)) {
    const newline = bytes.at(-1) === 0x0a ? '; remove the newline at its end' : ''
    throw problem(`has ${bytes.length} bytes, and a key has 16, 24 or 32${newline}`)
  }
  return new Secret<Uint8Array>(bytes)
}
