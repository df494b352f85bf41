import { type Authenticator, type AuthResult, type Candidate, canonicalName } from '@lockkeeper/core'
import type { AuthenticatorSamples, PasswordSample } from './samples.ts'

/** Longer than an answer may take, shorter than runners wait. */
const PATIENCE_MS = 10_000

/** The auth mode that a contract is checked on, asked as a login asks it. */
export class ModeUnderTest {
  readonly samples: AuthenticatorSamples
  #made: Promise<Authenticator> | undefined
  #isBroken = false

  constructor(samples: AuthenticatorSamples) {
    this.samples = samples
  }

  mode(): Promise<Authenticator> {
    this.#made ??= Promise.resolve(this.samples.make())
    return this.#made
  }

  get patienceMs(): number {
    return this.samples.patienceMs ?? PATIENCE_MS
  }

  async lookUp(username: string, signal = this.#patience()): Promise<Candidate> {
    const name = { typed: username, canonical: canonicalName(username) ?? username }
    // A mode that writes into what it is given fails at once.
    return (await this.mode()).lookUp(Object.freeze(name), { signal })
  }

  async logIn(sample: PasswordSample, signal = this.#patience()): Promise<AuthResult> {
    const candidate = await this.lookUp(sample.username, signal)
    return candidate.verify(sample.password, { signal })
  }

  #patience(): AbortSignal {
    return AbortSignal.timeout(this.patienceMs)
  }

  async breakBackend(): Promise<void> {
    if (this.#isBroken) return
    this.#isBroken = true
    await this.samples.breakBackend?.()
  }

  async restoreBackend(): Promise<void> {
    await this.samples.restoreBackend?.()
    this.#isBroken = false
  }
}

/** What was thrown, or the answer. */
export type Settled<T> = { readonly answer: T } | { readonly error: unknown }

export const settled = <T>(promise: Promise<T>): Promise<Settled<T>> =>
  promise.then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  )
