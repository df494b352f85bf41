import type { AuthModeRegistry } from './auth-mode-registry.ts'
import type { Authenticator } from './authenticator.ts'
import { ConfigurationError, type ConfigurationProblem } from './errors.ts'

/** The one account that always verifies in one mode, whatever the order says: (mode, its key there). */
export interface SuperUser {
  readonly mode: string
  /** The mode's stable key of the account; the row with id `1` in `db_auth`. */
  readonly account: string
}

/** The modes of a deployment, checked. */
export interface ModeOrder {
  /** Asked in this order for every name. */
  readonly asked: readonly Authenticator[]
  /** The super user's mode and key there. */
  readonly superUser?: { readonly authenticator: Authenticator; readonly account: string }
  /** Everybody who may verify, the super user's mode included: a failed login costs one verification in each. */
  readonly all: readonly Authenticator[]
}

/**
 * Resolves the modes that a configuration names.
 *
 * @throws {ConfigurationError} when no mode is named, one is not registered or named twice, or one that claims every name
 * is not asked last or should know the super user.
 */
export function orderModes(parts: {
  readonly modes: AuthModeRegistry
  readonly order: readonly string[]
  readonly superUser?: SuperUser
}): ModeOrder {
  const { modes, order, superUser } = parts
  const problems: ConfigurationProblem[] = []
  const problem = (message: string) => problems.push({ path: '', message })
  const registered = (mode: string): readonly Authenticator[] => {
    const authenticator = modes.get(mode)
    if (authenticator) return [authenticator]
    problem(`${mode} is not registered; registered: ${modes.modes().join(', ') || 'none'}`)
    return []
  }

  const asked = order.flatMap(registered)
  const [superMode] = superUser ? registered(superUser.mode) : []
  if (order.length === 0) problem('name at least one mode')
  for (const mode of new Set(order.filter((mode, index) => order.indexOf(mode) !== index))) {
    problem(`names ${mode} twice`)
  }
  if (superMode?.claimsEveryName) problem(`${superMode.mode} cannot look names up, so it cannot know the super user`)
  for (const { mode } of asked.slice(0, -1).filter(({ claimsEveryName }) => claimsEveryName)) {
    problem(`${mode} cannot look names up, so every name is its own: ask it last, and no other such mode beside it`)
  }
  if (problems.length > 0) throw new ConfigurationError('auth.modes', problems)

  return {
    asked,
    ...(superUser && superMode && { superUser: { authenticator: superMode, account: superUser.account } }),
    all: superMode && !asked.includes(superMode) ? [superMode, ...asked] : asked,
  }
}
