import { DEFAULT_SCOPE_LIMITS, formatScope, parseScope, type Scope, type ScopeLimits } from './scope.ts'
import { type ScopeProblem, scopeProblem } from './scope-problem.ts'

/** What {@link parseScopeList} found. */
export interface ScopeListResult {
  /** One entry for each resource, in the order of first mention. None, and no problem either: a login probe. */
  readonly scopes: readonly Scope[]
  /** Texts that are not scopes. A token server refuses the whole request with 400 if there is any. */
  readonly problems: readonly ScopeProblem[]
  /** Words in the place of actions that cannot be any; they were left out of `scopes`. */
  readonly ignoredActions: readonly string[]
}

/**
 * Reads all scopes of a request: each value may hold several, separated by spaces, and empty pieces do not count.
 * Scopes of the same resource are merged as {@link mergeScopes} does.
 *
 * @param values The repeated query parameters or form fields, in order.
 * @returns Beyond `maxScopes` nothing is read: `scopes` is empty and the only problem is `too_many_scopes`.
 */
export function parseScopeList(values: readonly string[], limits: Partial<ScopeLimits> = {}): ScopeListResult {
  const { maxScopes, maxActions } = { ...DEFAULT_SCOPE_LIMITS, ...limits }
  const pieces: string[] = []
  for (const piece of splitAtSpaces(values)) {
    if (pieces.length === maxScopes) {
      return { scopes: [], problems: [scopeProblem('too_many_scopes', piece)], ignoredActions: [] }
    }
    pieces.push(piece)
  }

  const read: Scope[] = []
  const problems: ScopeProblem[] = []
  const ignoredActions: string[] = []
  for (const piece of pieces) {
    const result = parseScope(piece, limits)
    if (result.outcome === 'rejected') {
      problems.push(result.problem)
    } else {
      read.push(result.scope)
      for (const word of result.ignoredActions) ignoredActions.push(word)
    }
  }

  const scopes: Scope[] = []
  for (const scope of mergeScopes(read)) {
    if (scope.actions.length <= maxActions) scopes.push(scope)
    else problems.push(scopeProblem('too_many_actions', formatScope(scope)))
  }
  return { scopes, problems, ignoredActions }
}

/**
 * Makes one scope of all that name the same type, class and name, with the union of their actions.
 * The order of first mention stays; class `image` and no class are the same, and the first spelling wins.
 */
export function mergeScopes(scopes: Iterable<Scope>): readonly Scope[] {
  const merged = new Map<string, { readonly scope: Scope; readonly actions: Set<string> }>()
  for (const scope of scopes) {
    const resource = `${scope.type}(${scope.class ?? 'image'}):${scope.name}`
    const known = merged.get(resource)
    if (known === undefined) merged.set(resource, { scope, actions: new Set(scope.actions) })
    else for (const action of scope.actions) known.actions.add(action)
  }
  return Array.from(merged.values(), ({ scope, actions }) => ({ ...scope, actions: [...actions] }))
}

/**
 * The one form of all lists that ask for the same: merged, without class `image`, actions and scopes in order of their
 * characters. Printed with {@link formatScopeList} it is a cache key; registries name the same scopes in random order.
 *
 * @throws {TypeError} as {@link formatScope} does.
 */
export function normalizeScopes(scopes: Iterable<Scope>): readonly Scope[] {
  const normal = mergeScopes(scopes).map(({ class: scopeClass, ...scope }) => ({
    ...scope,
    ...(scopeClass !== undefined && scopeClass !== 'image' && { class: scopeClass }),
    actions: scope.actions.toSorted(),
  }))
  return normal
    .map((scope) => ({ scope, printed: formatScope(scope) }))
    .sort((a, b) => (a.printed < b.printed ? -1 : 1))
    .map(({ scope }) => scope)
}

/**
 * Prints scopes separated by single spaces, as a challenge, a token request and a token response carry them.
 *
 * @throws {TypeError} as {@link formatScope} does.
 */
export const formatScopeList = (scopes: Iterable<Scope>): string => Array.from(scopes, formatScope).join(' ')

function* splitAtSpaces(values: readonly string[]): Generator<string> {
  for (const value of values) {
    for (let start = 0; start < value.length; ) {
      const space = value.indexOf(' ', start)
      const end = space === -1 ? value.length : space
      if (end > start) yield value.slice(start, end)
      start = end + 1
    }
  }
}
