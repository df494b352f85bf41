import { createHmac, createSecretKey, hash, randomBytes } from 'node:crypto'
import type { Attempt } from '@lockkeeper/core'

/** Whom a lock is about: a name as it was presented, or the account that it resolved to. */
export type LockSubject =
  | { readonly space: string; readonly name: string }
  | { readonly space: string; readonly account: string }

/** 192 bits of a digest, 32 base64url characters: what every key about the subject begins with. */
export const subjectDigest = (subject: LockSubject): string => {
  const [kind, value] = 'name' in subject ? ['name', subject.name] : ['account', subject.account]
  return hash('sha256', JSON.stringify([subject.space, kind, value]), 'base64url').slice(0, 32)
}

/**
 * The key that a store sees, 43 base64url characters: the subject, and the lane in which it is tried. Every process
 * makes the same key of the same subject, and no store learns a name from it.
 */
export const lockKey = (subject: LockSubject, lane = ''): string => inLane(subjectDigest(subject), lane)

/** As {@link lockKey}, of a subject that was digested before. */
export const inLane = (subject: string, lane: string): string => subject + laneDigest(lane)

const ONE_LANE = 'A'.repeat(11)

const laneDigest = (lane: string): string => (lane === '' ? ONE_LANE : hash('sha256', lane, 'base64url').slice(0, 11))

/**
 * Digests space, name and secret under a random key that never leaves the process: equal attempts are recognised, and
 * what memory holds is of no use to whoever reads it.
 */
export function createAttemptDigest(): (attempt: Pick<Attempt, 'space' | 'name' | 'secret'>) => string {
  const key = createSecretKey(randomBytes(32))
  return ({ space, name, secret }) =>
    createHmac('sha256', key)
      .update(JSON.stringify([space, name, secret]))
      .digest('base64url')
}
