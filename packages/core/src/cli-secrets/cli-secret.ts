import { hash, randomInt, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { InvalidInputError } from '../errors.ts'
import { Secret } from '../secret.ts'
import type { NamedSecret, NamedSecretStore, StoredNamedSecret } from './named-secrets.ts'

const PREFIX = 'lkcli_'
const FORM = /^lkcli_([0-9A-Za-z]{12})_[0-9A-Za-z]{24}$/
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ID_LENGTH = 12
/** 142 bits. */
const RANDOM_LENGTH = 24
const NAME = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]{1,64}$/u

/** A digest that no secret has, for the work that an unknown id costs. */
const STAND_IN = '0'.repeat(64)

/** What {@link issueCliSecret} is asked for. */
export interface NewCliSecret {
  readonly accountId: number
  /** 1 to 64 visible characters, without space around them; what the owner tells it by. */
  readonly name: string
  /** The first instant at which it is worth nothing, in milliseconds of the wall clock; never, when absent. */
  readonly expiresAt?: number
}

/**
 * Makes a secret that stands in for a person on the command line. What is stored is a digest, so the text can be shown
 * now and never again. A fast digest is right here: there is nothing to guess in 142 random bits.
 *
 * @throws {InvalidInputError} when the name cannot be one, or the secret would have expired already.
 * @throws {ConflictError} when the account has a secret of that name, or too many.
 */
export async function issueCliSecret(
  { secrets, clock }: { readonly secrets: NamedSecretStore; readonly clock: Clock },
  { accountId, name, expiresAt }: NewCliSecret,
): Promise<{ readonly text: Secret; readonly secret: NamedSecret }> {
  const createdAt = clock.wallMs()
  if (!NAME.test(name) || name.trim() !== name) {
    throw new InvalidInputError('the name of a secret is 1 to 64 visible characters, without space around them')
  }
  if (expiresAt !== undefined && !(Number.isSafeInteger(expiresAt) && expiresAt > createdAt)) {
    throw new InvalidInputError('a secret must expire in the future, if ever')
  }
  const id = randomText(ID_LENGTH)
  const text = `${PREFIX}${id}_${randomText(RANDOM_LENGTH)}`
  const secret: NamedSecret = { id, accountId, name, createdAt, ...(expiresAt !== undefined && { expiresAt }) }
  await secrets.add({ ...secret, digest: digestOf(text) })
  return { text: new Secret(text), secret }
}

/**
 * Whether a text claims to be such a secret. `createLogin` refuses those texts without passing them on: a secret of ours
 * is for no directory and no provider to see.
 */
export const isCliSecret = (text: string): boolean => text.startsWith(PREFIX)

/** The id in a secret; `undefined` when the text cannot be one, such as a secret that was cut while pasting. */
export const cliSecretId = (text: string): string | undefined => FORM.exec(text)?.[1]

/** Compares in equal time; without a row it costs the same and is `false`. */
export function isSecretOf(row: Pick<StoredNamedSecret, 'digest'> | undefined, text: string): boolean {
  const expected = Buffer.from(row?.digest ?? STAND_IN, 'hex')
  const given = Buffer.from(digestOf(text), 'hex')
  return expected.length === given.length && timingSafeEqual(expected, given) && row !== undefined
}

const digestOf = (text: string): string => hash('sha256', text, 'hex')

const randomText = (length: number): string =>
  Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
