import type { Grant, Identity, SealedPlace, TokenCipher } from '@lockkeeper/core'
import { digestOf } from './session-id.ts'

/** A person whom a provider vouched for, on the way in. */
export interface Arrival {
  readonly identity: Identity
  /** Absent where it could not be kept sealed meanwhile. */
  readonly grant?: Grant
  readonly next: string
}

/** Writes an arrival for the time in which its person chooses a user name; tokens only when they can be sealed. */
export const writeArrival = (
  { identity, grant, next }: Arrival,
  id: string,
  cipher: TokenCipher | undefined,
): Record<string, string> => ({
  identity: JSON.stringify(identity),
  next,
  ...(cipher && grant && { grant: cipher.seal(JSON.stringify(grant), place(id)) }),
})

/**
 * Reads what {@link writeArrival} wrote; the store is ours, so its shape is not asked again.
 *
 * @throws {SealBrokenError} when the grant was changed or moved.
 */
export function readArrival(
  data: Readonly<Record<string, string>>,
  id: string,
  cipher: TokenCipher | undefined,
): Arrival {
  const identity: Identity = JSON.parse(data.identity ?? '')
  const next = data.next ?? '/'
  return cipher && data.grant !== undefined
    ? { identity, next, grant: readGrant(cipher.open(data.grant, place(id))) }
    : { identity, next }
}

function readGrant(text: string): Grant {
  const { expiresAt, ...grant }: Omit<Grant, 'expiresAt'> & { expiresAt?: string } = JSON.parse(text)
  return { ...grant, ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }) }
}

const place = (id: string): SealedPlace => ({ table: 'lockkeeper_session', column: 'data', account: digestOf(id) })
