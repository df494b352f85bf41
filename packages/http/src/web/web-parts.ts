import type {
  AccountDirectory,
  AccountStore,
  AuditSink,
  Clock,
  ExternalLogin,
  GrantStore,
  Login,
  NamedSecretStore,
  SessionStore,
  TokenCipher,
} from '@lockkeeper/core'
import type { RequestLog } from '../error-response.ts'
import type { Sessions } from './sessions.ts'

/** What the pages are made of. */
export interface WebParts {
  /** The URL that people reach this server by, as {@link webOrigin} wants it. `Host` is never asked. */
  readonly externalUrl: string
  readonly sessions: Sessions
  /** The store of the sessions; it keeps the steps of a login as well. */
  readonly sessionStore: SessionStore
  readonly accountStore: Pick<AccountStore, 'findByLink'>
  readonly accounts: AccountDirectory
  readonly clock: Clock
  readonly audit: AuditSink
  /** Takes one line for each request that was not answered as asked. */
  readonly log: RequestLog
  /** Checks passwords; without it there is no form for them. */
  readonly login?: Login
  /** One button each. */
  readonly externalLogins?: readonly ExternalLogin[]
  /** Where secrets for the command line are kept; without it nobody can make one. */
  readonly secrets?: NamedSecretStore
  /** Where a provider's grant is kept for logins that come without a browser. */
  readonly grants?: GrantStore
  /** Seals the grant of a person who is choosing a user name; without it that grant is kept from the next login on. */
  readonly cipher?: TokenCipher
  /** What `docker login` is told; the host of the external URL by default. */
  readonly registryHost?: string
  /** What the product is called on its pages; `Lockkeeper` by default. */
  readonly brand?: string
  /** Refusals held back at one time, 5000 by default; one more is answered with 503 at once. */
  readonly maxHeld?: number
  /** Ends all holds when the server stops. */
  readonly stopSignal?: AbortSignal
}
