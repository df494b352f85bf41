import { type Clock, type SessionRecord, type SessionStore, takeOnce } from '@lockkeeper/core'
import { digestOf, isSessionId } from './session-id.ts'

/** How long a person has for one step, in seconds. */
export const STEP_SECONDS = 600

/** A step that a browser has begun and may end once. */
export interface Step {
  /** Of another purpose it is worth nothing. */
  readonly purpose: 'external_login' | 'choose_name'
  /** The id in the browser's cookie. */
  readonly id: string
  /** What else has to be shown to end it. */
  readonly proof?: string
}

/** What is kept of steps between two requests. */
export interface Steps {
  keep(step: Step, mode: string, data: Readonly<Record<string, string>>): Promise<void>
  /** Reads it and leaves it. */
  read(step: Step): Promise<SessionRecord | undefined>
  /** Takes it away before it is used: of two callers one gets it. */
  take(step: Step): Promise<SessionRecord | undefined>
}

/** Makes the steps over the store of the sessions. */
export function createSteps({ store, clock }: { readonly store: SessionStore; readonly clock: Clock }): Steps {
  const isOpen = (record: SessionRecord | undefined, purpose: string): record is SessionRecord =>
    record?.purpose === purpose && clock.wallMs() < record.expiresAt

  return {
    async keep(step, mode, data) {
      const now = clock.wallMs()
      const expiresAt = now + STEP_SECONDS * 1000
      await store.set(keyOf(step), { purpose: step.purpose, mode, createdAt: now, lastSeenAt: now, expiresAt, data })
    },
    async read(step) {
      if (!isSessionId(step.id)) return undefined
      const record = await store.get(keyOf(step))
      return isOpen(record, step.purpose) ? record : undefined
    },
    async take(step) {
      if (!isSessionId(step.id)) return undefined
      const record = await takeOnce(store, keyOf(step), step.purpose)
      return isOpen(record, step.purpose) ? record : undefined
    },
  }
}

// The purpose is part of the key as well: an id of one kind leads to no record of another.
const keyOf = ({ purpose, id, proof = '' }: Step): string => digestOf(purpose, id, proof)
