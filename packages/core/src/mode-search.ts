import type { Account, AccountDirectory } from './accounts.ts'
import { type Asking, ask } from './ask.ts'
import type { Identity, LoginName, RejectReason } from './authenticator.ts'
import type { BackendUnavailableError } from './errors.ts'
import { type Finding, Inquiry } from './inquiry.ts'
import type { Reserve } from './lockout.ts'
import type { ModeOrder } from './mode-order.ts'
import type { Outages } from './outages.ts'

/** What the search inside the guard ends with. */
export type Verdict =
  | { readonly outcome: 'authenticated'; readonly account: Account; readonly identity: Identity }
  | {
      readonly outcome: 'rejected'
      readonly reason: RejectReason
      readonly known?: KnownName
      /** An outage that a stand-in met: the refusal counts, and the client is told that we cannot tell. */
      readonly down?: BackendUnavailableError
    }
  | { readonly outcome: 'frozen'; readonly known?: KnownName }

/** A name that a mode knows: no password typed into the wrong field, so the audit may show it. */
export interface KnownName {
  readonly mode: string
  readonly name: string
}

/** Looks a name up and verifies a password, once `reserve` allows it. */
export type ModeSearch = (
  name: LoginName,
  password: string,
  context: Asking & { readonly reserve: Reserve },
) => Promise<Verdict>

/**
 * Makes the part of a login that runs inside the guard: look up in order to the first owner, reserve, verify, admit.
 * A failed login costs one verification in every mode, those that did not verify doing a stand-in; a successful one
 * only its own. So neither time nor load tells which mode knows a name.
 */
export function createModeSearch(parts: {
  readonly order: ModeOrder
  readonly accounts: AccountDirectory
  readonly outages: Outages
}): ModeSearch {
  const { accounts, outages } = parts
  const { asked, superUser, all } = parts.order

  return async (name, password, { reserve, ...asking }) => {
    const inquiry = new Inquiry(name, password, asking, outages)
    // A failure costs what a refusal costs, or an outage would tell who exists.
    const atEqualCost = <T>(work: Promise<T>): Promise<T> =>
      work.catch(async (error) => {
        await inquiry.standIns(all)
        throw error
      })

    const owner = await atEqualCost(findOwner(inquiry))
    if (!(await reserve(owner && accountKey(owner)))) return { outcome: 'frozen', ...knownAs(name, owner) }
    if (!owner) return unknownToAll(inquiry)
    const verdict = await atEqualCost(verifyAndAdmit(owner, name, inquiry, asking))
    if (verdict.outcome !== 'rejected') return verdict
    const down = await inquiry.standIns(all)
    return down ? { ...verdict, down } : verdict
  }

  async function findOwner(inquiry: Inquiry): Promise<Finding | undefined> {
    if (superUser) {
      // Before all others, and when this fails nobody else is asked: the name might be the super user's.
      const finding = await inquiry.lookUp(superUser.authenticator)
      if (finding.candidate.account === superUser.account) return finding
    }
    for (const authenticator of asked) {
      const finding = await inquiry.lookUp(authenticator)
      if (finding.candidate.account !== undefined || authenticator.claimsEveryName) return finding
    }
    return undefined
  }

  async function unknownToAll(inquiry: Inquiry): Promise<Verdict> {
    const down = await inquiry.standIns(all)
    // No password was refused, so an outage leaves nothing to count.
    if (down) throw down
    return { outcome: 'rejected', reason: 'unknown_name' }
  }

  async function verifyAndAdmit(owner: Finding, name: LoginName, inquiry: Inquiry, asking: Asking): Promise<Verdict> {
    const verdict = await verifyOnce(owner, name, inquiry, asking)
    if (verdict.outcome !== 'rejected' || verdict.reason !== 'account_changed') return verdict
    // The account was changed between look-up and admission, perhaps by an upgrade of its hash: what is there now decides.
    const now = await inquiry.lookUpAgain(owner.authenticator)
    // When the name means another account now, nothing was reserved for that one.
    return now.candidate.account === owner.candidate.account ? verifyOnce(now, name, inquiry, asking) : verdict
  }

  async function verifyOnce(owner: Finding, name: LoginName, inquiry: Inquiry, asking: Asking): Promise<Verdict> {
    const result = await inquiry.verify(owner)
    if (result.outcome !== 'authenticated') {
      const reason = result.outcome === 'rejected' ? result.reason : 'unknown_name'
      return { outcome: 'rejected', reason, ...knownAs(name, owner) }
    }
    const { identity } = result
    const { authenticator } = owner
    const admission = await ask(
      'accounts',
      asking,
      () => accounts.admit(identity),
      ({ outcome }) => outcome,
    )
    if (admission.outcome !== 'admitted') {
      const reason = admission.outcome === 'refused' ? admission.reason : 'name_conflict'
      return { outcome: 'rejected', reason, known: { mode: identity.mode, name: identity.username } }
    }
    const { account } = admission
    if (authenticator.afterLogin) {
      await ask(
        identity.mode,
        asking,
        async () => authenticator.afterLogin?.(account, identity),
        () => 'after login',
      )
    }
    return { outcome: 'authenticated', account, identity }
  }
}

const accountKey = ({ authenticator, candidate }: Finding): string | undefined =>
  candidate.account === undefined ? undefined : `${authenticator.mode}:${candidate.account}`

const knownAs = ({ canonical }: LoginName, owner: Finding | undefined): { readonly known?: KnownName } =>
  owner?.candidate.account === undefined ? {} : { known: { mode: owner.authenticator.mode, name: canonical } }
