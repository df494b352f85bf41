import { createHash, randomBytes } from 'node:crypto'

const BYTES = 32
const VALUE = /^[A-Za-z0-9_-]{43}$/

/** A new id: 256 random bits, in the 43 characters that a cookie carries. */
export const newSessionId = (): string => randomBytes(BYTES).toString('base64url')

/** Whether a cookie could hold an id of ours; what else it holds is not looked up. */
export const isSessionId = (value: string): boolean => VALUE.test(value)

/** What a record is kept under: whoever reads the store learns no id. */
export const digestOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('base64url')
