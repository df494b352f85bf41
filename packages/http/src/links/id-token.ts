import type {
  AccountDirectory,
  AccountStore,
  AuditEvent,
  AuditSink,
  AuthResult,
  Clock,
  ExternalLogin,
} from '@lockkeeper/core'
import { localContext, type Policy, type ProjectManager } from '@lockkeeper/rbac'
import { recordSafely } from '../audit-record.ts'
import type { ChainLink, ChainRequest, LinkResult } from '../chain-link.ts'

/** What {@link idTokenLink} is made of. */
export interface IdTokenLinkParts {
  /** Those with `verifyToken` are asked, in order. */
  readonly externalLogins: readonly ExternalLogin[]
  readonly accountStore: Pick<AccountStore, 'findByLink'>
  readonly accounts: AccountDirectory
  readonly projects: ProjectManager
  readonly clock: Clock
  readonly audit: AuditSink
  /** Exact paths, and prefixes that end in `/*`; `/service/token` alone by default. */
  readonly paths?: readonly string[]
  /** What roles may do; Harbor's by default. */
  readonly policy?: Policy
}

type LoginRecord = Pick<AuditEvent, 'outcome' | 'reason' | 'mode' | 'accountId' | 'name'>
type Claimed = Exclude<AuthResult, { outcome: 'abstained' }>

/**
 * Knows people by a provider's ID token, sent as a Bearer token, on the listed paths alone. Who has no account yet has
 * to sign in with a browser once.
 */
export function idTokenLink(parts: IdTokenLinkParts): ChainLink {
  const { externalLogins, accountStore, accounts, projects, clock, audit, paths = ['/service/token'], policy } = parts
  const isListed = (path: string) =>
    paths.some((one) => (one.endsWith('/*') ? path.startsWith(one.slice(0, -1)) : path === one))

  return {
    name: 'id-token',
    async generate(question): Promise<LinkResult> {
      const { presented, path } = question
      if (presented.kind !== 'bearer' || !isListed(path)) return { outcome: 'abstained' }
      const claimed = await ask(presented.token)
      if (claimed === undefined) return { outcome: 'abstained' }
      if (claimed.outcome === 'rejected') return refuse(claimed.reason, question)
      const { identity } = claimed
      if ((await accountStore.findByLink(identity)) === undefined) return refuse('unknown_name', question)
      const admission = await accounts.admit(identity)
      if (admission.outcome !== 'admitted') {
        return refuse(admission.outcome === 'refused' ? admission.reason : 'not_allowed', question)
      }
      const { account } = admission
      const { id: accountId, username: name, mode } = account
      record(question, { outcome: 'authenticated', accountId, name, mode })
      return { outcome: 'context', context: localContext({ account, projects, ...(policy && { policy }) }) }
    },
  }

  /** The first provider whose token it is decides. */
  async function ask(token: string): Promise<Claimed | undefined> {
    for (const login of externalLogins) {
      const result = await login.verifyToken?.(token)
      if (result && result.outcome !== 'abstained') return result
    }
    return undefined
  }

  function refuse(reason: string, question: ChainRequest): LinkResult {
    record(question, { outcome: 'rejected', reason })
    return { outcome: 'rejected', reason }
  }

  function record({ door, source, requestId }: ChainRequest, event: LoginRecord): void {
    recordSafely(audit, clock, { type: 'login', door, source, requestId, ...event })
  }
}
