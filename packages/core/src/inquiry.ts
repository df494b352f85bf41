import { randomBytes } from 'node:crypto'
import { type Asking, ask } from './ask.ts'
import type { Authenticator, AuthResult, Call, Candidate, LoginName } from './authenticator.ts'
import { type BackendUnavailableError, isBackendUnavailable } from './errors.ts'
import type { Outages } from './outages.ts'

/** A mode, and what its look-up found. */
export interface Finding {
  readonly authenticator: Authenticator
  readonly candidate: Candidate
}

/** Everything that one login asks the modes. It remembers the answers, so that no mode is asked a thing twice. */
export class Inquiry {
  readonly #name: LoginName
  readonly #password: string
  readonly #asking: Asking
  readonly #outages: Outages
  readonly #candidates = new Map<Authenticator, Candidate>()
  /** The modes that verified or failed: they owe no stand-in. */
  readonly #done = new Set<Authenticator>()

  constructor(name: LoginName, password: string, asking: Asking, outages: Outages) {
    this.#name = name
    this.#password = password
    this.#asking = asking
    this.#outages = outages
  }

  /** @throws {BackendUnavailableError} when the mode cannot tell. */
  async lookUp(authenticator: Authenticator): Promise<Finding> {
    const known = this.#candidates.get(authenticator)
    if (known) return { authenticator, candidate: known }
    const candidate = await this.#ask(
      authenticator,
      async (call) => checkedCandidate(await authenticator.lookUp(this.#name, call)),
      ({ account }) => (account === undefined ? 'does not know the name' : 'knows the name'),
    )
    this.#candidates.set(authenticator, candidate)
    return { authenticator, candidate }
  }

  /** As {@link lookUp}, without what was remembered. */
  lookUpAgain(authenticator: Authenticator): Promise<Finding> {
    this.#candidates.delete(authenticator)
    return this.lookUp(authenticator)
  }

  /** @throws {BackendUnavailableError} when the mode cannot tell. */
  verify({ authenticator, candidate }: Finding): Promise<AuthResult> {
    return this.#verify(
      authenticator,
      async (call) => checkedResult(authenticator.mode, await candidate.verify(this.#password, call)),
      ({ outcome }) => outcome,
    )
  }

  /**
   * One verification of nobody in each of these modes that has neither verified nor failed.
   *
   * @returns The first outage among them.
   */
  async standIns(authenticators: readonly Authenticator[]): Promise<BackendUnavailableError | undefined> {
    let down: BackendUnavailableError | undefined
    for (const authenticator of authenticators) {
      if (this.#done.has(authenticator)) continue
      try {
        await this.#standIn(authenticator)
      } catch (error) {
        if (!isBackendUnavailable(error)) throw error
        down ??= error
      }
    }
    return down
  }

  #standIn(authenticator: Authenticator): Promise<AuthResult> {
    const found = this.#candidates.get(authenticator)
    // An account that is not the owner is a real one: an invented name stands in for it.
    const nobody = found?.account === undefined ? found : undefined
    return this.#verify(
      authenticator,
      async (call) => {
        const candidate = nobody ?? (await authenticator.lookUp(inventedName(), call))
        // The password belongs to another mode: this one sees an invented one, of equal length for equal cost.
        return candidate.verify(invented(Buffer.byteLength(this.#password)), call)
      },
      () => 'stand-in',
    )
  }

  async #verify(
    authenticator: Authenticator,
    question: (call: Call) => Promise<AuthResult>,
    describe: (result: AuthResult) => string,
  ): Promise<AuthResult> {
    const result = await this.#ask(authenticator, question, describe)
    this.#done.add(authenticator)
    this.#outages.answered(authenticator.mode)
    return result
  }

  async #ask<T>(
    authenticator: Authenticator,
    question: (call: Call) => Promise<T>,
    describe: (answer: T) => string,
  ): Promise<T> {
    try {
      return await ask(authenticator.mode, this.#asking, question, describe)
    } catch (error) {
      this.#done.add(authenticator)
      if (isBackendUnavailable(error)) this.#outages.failed(authenticator.mode, error)
      throw error
    }
  }
}

function inventedName(): LoginName {
  const name = invented(24)
  return { typed: name, canonical: name }
}

const invented = (length: number): string =>
  randomBytes(Math.ceil(length / 2))
    .toString('hex')
    .slice(0, length)

// Modes are also written in JavaScript: an answer that is none must not be read as one.
function checkedCandidate(candidate: Candidate): Candidate {
  if (typeof candidate?.verify === 'function') return candidate
  throw new TypeError('a look-up must answer with a candidate')
}

function checkedResult(mode: string, result: AuthResult): AuthResult {
  switch (result?.outcome) {
    case 'rejected':
    case 'abstained':
      return result
    case 'authenticated':
      if (result.identity?.mode === mode) return result
      throw new TypeError(`${mode} must answer with an identity of its own`)
    default:
      throw new TypeError('a verification must answer authenticated, rejected or abstained')
  }
}
