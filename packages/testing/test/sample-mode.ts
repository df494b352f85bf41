import {
  type Authenticator,
  type AuthResult,
  abstained,
  authenticated,
  BackendUnavailableError,
  type Call,
  type Candidate,
  type Identity,
  type LoginName,
  rejected,
} from '@lockkeeper/core'
import { type AuthenticatorSamples, password } from '../src/index.ts'

const mode = 'sample_auth'
const jane: Identity = {
  mode,
  issuer: 'sample',
  subject: '7',
  username: 'Jane',
  groups: [{ key: 'dev' }, { key: 'ops' }],
}

/** A backend with one person, Jane, who also logs in as `JANE` and as `jane@example.org`. */
export class SampleBackend {
  state: 'up' | 'down' | 'stalled' = 'up'
  checks = 0

  async ask({ signal }: Call): Promise<void> {
    if (this.state === 'stalled') await new Promise((resolve) => signal.addEventListener('abort', resolve))
    if (this.state !== 'up' || signal.aborted) throw new BackendUnavailableError(mode, 'does not answer')
  }
}

/** An auth mode that keeps every rule. */
export function sampleMode(backend: SampleBackend): Authenticator {
  const isJane = ({ canonical }: LoginName) => canonical === 'jane' || canonical === 'jane@example.org'
  return {
    mode,
    async lookUp(name, call): Promise<Candidate> {
      await backend.ask(call)
      const isKnown = isJane(name)
      return {
        ...(isKnown && { account: '7' }),
        async verify(attempt, call): Promise<AuthResult> {
          await backend.ask(call)
          backend.checks += 1
          if (!isKnown) return abstained
          return attempt === 'Correct é 1' ? authenticated(jane) : rejected('bad_credentials')
        },
      }
    },
    searchUser: async (username) => (isJane({ typed: username, canonical: username.toLowerCase() }) ? jane : undefined),
    ping: (call) => backend.ask(call),
  }
}

/** What the contract is told of the sample mode, or of a broken one made from it. */
export function samplesOf(
  breakIt: (good: Authenticator, backend: SampleBackend) => Authenticator = (good) => good,
): AuthenticatorSamples {
  const backend = new SampleBackend()
  return {
    make: () => breakIt(sampleMode(backend), backend),
    accepted: password('jane', 'Correct é 1'),
    spellings: ['JANE', 'jane@example.org'],
    identity: { username: 'Jane', groups: jane.groups },
    rejected: [password('jane', 'wrong'), password('JANE', 'also wrong')],
    unknown: [password('nobody', 'Correct é 1'), password('j*', 'Correct é 1')],
    verifications: () => backend.checks,
    breakBackend: () => {
      backend.state = 'down'
    },
    stallBackend: () => {
      backend.state = 'stalled'
    },
    restoreBackend: () => {
      backend.state = 'up'
    },
  }
}
