import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { parseOptions, SealBrokenError, type SealedPlace, Secret, type TokenCipher } from '@lockkeeper/core'
import * as z from 'zod'

const FORMAT = 'lk1'
const NONCE_BYTES = 12
const TAG_BYTES = 16

const key = z.strictObject({
  /** Written beside each value, so that keys can be told apart: a year and month will do. */
  id: z.string().regex(/^[A-Za-z0-9_-]{1,32}$/, 'must be 1 to 32 letters, digits, - and _'),
  /** 32 random bytes in base64; `openssl rand -base64 32` makes them. */
  secret: z
    .union([z.string(), z.instanceof(Secret<string>)])
    .transform((value) => Buffer.from(typeof value === 'string' ? value : value.reveal(), 'base64'))
    .refine((bytes) => bytes.length === 32, 'must be 32 bytes in base64, as from: openssl rand -base64 32')
    .refine((bytes) => new Set(bytes).size > 8, 'must be random, as from: openssl rand -base64 32')
    .transform((bytes) => new Secret<Uint8Array>(bytes)),
})

const schema = z.strictObject({
  /** The first key seals; all of them open. To rotate, put a new one in front. */
  keys: z
    .array(key)
    .min(1, 'must hold at least one key')
    .max(16)
    .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, 'must have a different id each'),
})

/** Options of {@link tokenCipher}. */
export type TokenCipherOptions = z.input<typeof schema>

/**
 * Encrypts tokens at rest with AES-256-GCM. A value opens only where it was sealed: in its table, its column and the row
 * of its account, under its key, and unchanged. There is no form without encryption.
 *
 * @throws {ConfigurationError} when a key cannot be one.
 * @see {@link https://csrc.nist.gov/pubs/sp/800/38/d/final | NIST SP 800-38D}; random nonces allow 2^32 values for a key.
 */
export function tokenCipher(options: TokenCipherOptions): TokenCipher {
  const { keys } = parseOptions('token encryption', schema, options)
  const ring = new Map(keys.map(({ id, secret }) => [id, secret]))
  const [current] = keys
  if (current === undefined) throw new TypeError('the schema asks for a key')

  return {
    seal(plain, place) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', current.secret.reveal(), nonce)
      cipher.setAAD(associatedData(current.id, place))
      const sealed = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `${FORMAT}.${current.id}.${sealed.toString('base64url')}`
    },

    open(sealed, place) {
      const [format, id = '', text = '', ...more] = sealed.split('.')
      if (format !== FORMAT || more.length > 0) throw broken(place, 'is not sealed')
      const secret = ring.get(id)
      if (secret === undefined) throw broken(place, `was sealed with key "${id.slice(0, 32)}", which is not configured`)
      const bytes = Buffer.from(text, 'base64url')
      if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== text) {
        throw broken(place, 'was cut or changed')
      }
      const decipher = createDecipheriv('aes-256-gcm', secret.reveal(), bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
      decipher.setAAD(associatedData(id, place))
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
      try {
        const plain = [decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]
        return Buffer.concat(plain).toString('utf8')
      } catch {
        throw broken(place, 'was changed, or moved from another row or column')
      }
    },
  }
}

/** JSON keeps the parts apart, so that no two places read the same. */
const associatedData = (id: string, { table, column, account }: SealedPlace): Buffer =>
  Buffer.from(JSON.stringify([FORMAT, id, table, column, account]))

const broken = ({ table, column, account }: SealedPlace, what: string): SealBrokenError =>
  new SealBrokenError(`${table}.${column} of account ${account} ${what}`)
