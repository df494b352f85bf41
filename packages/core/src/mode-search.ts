import { randomBytes } from 'node:crypto'
import type { Account, AccountDirectory } from './accounts.ts'
import { askMode } from './ask-mode.ts'
import type { AuthModeRegistry } from './auth-mode-registry.ts'
import type { Authenticator, AuthResult, Call, Candidate, Identity, LoginName, RejectReason } from './authenticator.ts'
import { type BackendUnavailableError, ConfigurationError } from './errors.ts'
import type { Reserve } from './lockout.ts'

/** The one account that always verifies in one mode, whatever the order says: (mode, its key there). */
export interface SuperUser {
  readonly mode: string
  /** The mode's stable key of the account; the row with id `1` in `db_auth`. */
  readonly account: string
}

/** One line of a trace: what was asked, and what it said. */
export interface Step {
  readonly name: string
  readonly outcome: string
}

/** What the search inside the guard ends with. A refusal may carry an outage that the others' stand-ins met. */
export type Verdict =
  | { readonly outcome: 'authenticated'; readonly account: Account; readonly identity: Identity }
  | {
      readonly outcome: 'rejected'
      readonly reason: RejectReason
      readonly known?: { readonly mode: string; readonly name: string }
      readonly down?: BackendUnavailableError
    }
  | { readonly outcome: 'frozen' }

interface Context {
  readonly reserve: Reserve
  readonly call: Call
  readonly steps: Step[]
}

interface Parts {
  readonly modes: AuthModeRegistry
  readonly order: readonly string[]
  readonly superUser?: SuperUser
  readonly accounts: AccountDirectory
}

interface Owner {
  readonly authenticator: Authenticator
  readonly candidate: Candidate
}

/**
 * Makes the part of a login that runs inside the guard: look up in order to the first owner, reserve, verify, admit.
 * A failed login costs one verification in every mode, those that did not verify doing a stand-in; a successful one
 * only its own. So neither time nor load tells which mode knows a name.
 */
export function createModeSearch(parts: Parts) {
  const asked = modesInOrder(parts)
  const { superUser } = parts
  const superMode = superUser && registered(parts.modes, superUser.mode)
  const everyMode = superMode && !asked.includes(superMode) ? [superMode, ...asked] : asked

  return async function search(name: LoginName, password: string, context: Context): Promise<Verdict> {
    const found = new Map<Authenticator, Candidate>()
    const lookUp = async (authenticator: Authenticator): Promise<Candidate> => {
      const candidate =
        found.get(authenticator) ?? (await askMode(authenticator, context, (call) => authenticator.lookUp(name, call)))
      found.set(authenticator, candidate)
      return candidate
    }

    let owner: Owner | undefined
    try {
      owner = (await findSuperUser(lookUp)) ?? (await findOwner(lookUp))
    } catch (error) {
      await standIns(found, password, context)
      throw error
    }

    if (!(await context.reserve(owner?.candidate.account && accountKey(owner)))) return { outcome: 'frozen' }
    const verdict = owner ? await verifyAndAdmit(owner, password, context) : unknown
    if (verdict.outcome !== 'rejected') return verdict
    const down = await standIns(found, password, context, owner?.authenticator)
    return down ? { ...verdict, down } : verdict
  }

  async function findSuperUser(lookUp: (a: Authenticator) => Promise<Candidate>): Promise<Owner | undefined> {
    if (!superUser || !superMode) return undefined
    const candidate = await lookUp(superMode)
    return candidate.account === superUser.account ? { authenticator: superMode, candidate } : undefined
  }

  async function findOwner(lookUp: (a: Authenticator) => Promise<Candidate>): Promise<Owner | undefined> {
    for (const authenticator of asked) {
      const candidate = await lookUp(authenticator)
      if (candidate.account !== undefined || authenticator.claimsEveryName) return { authenticator, candidate }
    }
    return undefined
  }

  async function verifyAndAdmit(
    { authenticator, candidate }: Owner,
    password: string,
    context: Context,
  ): Promise<Verdict> {
    const { mode } = authenticator
    const result = await askMode(authenticator, context, (call) => candidate.verify(password, call))
    if (result.outcome !== 'authenticated') return refusal(result, mode, candidate)
    const { identity } = result
    const admission = await askMode(authenticator, context, async () => {
      if (identity.mode !== mode) throw new TypeError(`${mode} answered with an identity of ${identity.mode}`)
      const admission = await parts.accounts.admit(identity)
      if (admission.outcome === 'admitted') await authenticator.afterLogin?.(admission.account, identity)
      return admission
    })
    if (admission.outcome === 'admitted') return { outcome: 'authenticated', account: admission.account, identity }
    const reason = admission.outcome === 'refused' ? admission.reason : 'name_conflict'
    return { outcome: 'rejected', reason, known: { mode, name: identity.username } }
  }

  /** One verification of nobody in every mode but the one that verified; the first outage among them is returned. */
  async function standIns(
    found: ReadonlyMap<Authenticator, Candidate>,
    password: string,
    context: Context,
    verified?: Authenticator,
  ): Promise<BackendUnavailableError | undefined> {
    let down: BackendUnavailableError | undefined
    for (const authenticator of everyMode) {
      if (authenticator === verified) continue
      try {
        await askMode(authenticator, context, (call) =>
          standIn(authenticator, found.get(authenticator), password, call),
        )
      } catch (error) {
        // askMode throws nothing else.
        down ??= error as BackendUnavailableError
      }
    }
    return down
  }
}

const unknown: Verdict = Object.freeze({ outcome: 'rejected', reason: 'unknown_name' })

const accountKey = ({ authenticator, candidate }: Owner): string => `${authenticator.mode}:${candidate.account}`

function refusal(
  result: Exclude<AuthResult, { outcome: 'authenticated' }>,
  mode: string,
  candidate: Candidate,
): Verdict {
  if (result.outcome === 'abstained') return unknown
  const known = candidate.account === undefined ? {} : { known: { mode, name: candidate.account } }
  return { outcome: 'rejected', reason: result.reason, ...known }
}

async function standIn(
  authenticator: Authenticator,
  candidate: Candidate | undefined,
  password: string,
  call: Call,
): Promise<AuthResult> {
  const isNobody = candidate !== undefined && candidate.account === undefined && !authenticator.claimsEveryName
  if (isNobody) return candidate.verify(password, call)
  // The name may be real here, and the password is not this mode's to see: both are invented.
  const invented = randomBytes(12).toString('hex')
  const nobody = await authenticator.lookUp({ typed: invented, canonical: invented }, call)
  return nobody.verify(invented, call)
}

function modesInOrder({ modes, order }: Parts): readonly Authenticator[] {
  if (order.length === 0) throw new ConfigurationError('auth.modes', [{ path: '', message: 'name at least one mode' }])
  const asked = order.map((mode) => registered(modes, mode))
  const early = asked.slice(0, -1).find((authenticator) => authenticator.claimsEveryName)
  const twice = order.find((mode, index) => order.indexOf(mode) !== index)
  if (twice) throw new ConfigurationError('auth.modes', [{ path: '', message: `names ${twice} twice` }])
  if (!early) return asked
  const message = `${early.mode} cannot look names up, so every name is its own: ask it last`
  throw new ConfigurationError('auth.modes', [{ path: '', message }])
}

function registered(modes: AuthModeRegistry, mode: string): Authenticator {
  const authenticator = modes.get(mode)
  if (authenticator) return authenticator
  const known = modes.modes().join(', ') || 'none'
  throw new ConfigurationError('auth.modes', [{ path: '', message: `${mode} is not registered; registered: ${known}` }])
}
