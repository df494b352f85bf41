import { MAX_REPOSITORY_NAME_LENGTH, parseRepositoryName } from './repository-name.ts'
import { SCOPE_PROBLEM_MESSAGES, type ScopeProblem, type ScopeProblemReason, scopeProblem } from './scope-problem.ts'

/**
 * What a client asks for: some actions on one resource.
 *
 * @see {@link https://distribution.github.io/distribution/spec/auth/scope/ | Distribution: token scope}
 */
export interface Scope {
  /** `repository`, `registry`, or a type that we have not heard of. */
  readonly type: string
  /** The text in parentheses after the type (`plugin`); deprecated, and `image` means the same as none. */
  readonly class?: string
  /** Exactly as it was asked for. */
  readonly name: string
  /** In the order asked for, without repetition; `*` is an action like the others. May be empty. */
  readonly actions: readonly string[]
}

/** How much of a request is read; everything beyond is rejected before any work is done on it. */
export interface ScopeLimits {
  /** Scopes in one list, counted before equal ones are merged. */
  readonly maxScopes: number
  /** Actions of one scope, counted before repeated ones are dropped, and again after equal scopes are merged. */
  readonly maxActions: number
  /** Length of one scope in bytes. */
  readonly maxScopeBytes: number
  /** Length of one name in characters. */
  readonly maxNameLength: number
}

/** The limits that hold unless others are given. */
export const DEFAULT_SCOPE_LIMITS: ScopeLimits = {
  maxScopes: 100,
  maxActions: 16,
  maxScopeBytes: 512,
  maxNameLength: MAX_REPOSITORY_NAME_LENGTH,
}

/** What {@link parseScope} found. */
export type ScopeResult =
  | {
      readonly outcome: 'accepted'
      readonly scope: Scope
      /** Words in the place of actions that cannot be any (`Pull`); they were left out. */
      readonly ignoredActions: readonly string[]
    }
  | { readonly outcome: 'rejected'; readonly problem: ScopeProblem }

const WORD = /^[a-z0-9]+$/
const TYPE = /^([a-z0-9]+)(?:\(([a-z0-9]+)\))?$/
const ACTION = /^(?:\*|[a-z][a-z0-9-]*)$/
const PRINTABLE = /^[\x21-\x7e]*$/

/**
 * Reads one scope, `type[(class)]:name:actions`.
 *
 * The type ends at the first colon and the actions begin after the last, so names with a port stay whole. A type or a
 * name outside the grammar rejects the scope. A word that cannot be an action is ignored and reported; a well-formed
 * word stays, because only the policy for a type knows its actions. Takes linear time and never throws.
 *
 * @see {@link https://distribution.github.io/distribution/spec/auth/scope/ | Distribution: token scope}
 */
export function parseScope(text: string, limits: Partial<ScopeLimits> = {}): ScopeResult {
  const { maxScopeBytes, maxNameLength, maxActions } = { ...DEFAULT_SCOPE_LIMITS, ...limits }
  // A text that passes the second line has one byte for each character, so the first measures bytes.
  if (text.length > maxScopeBytes) return rejected('scope_too_long', text)
  if (!PRINTABLE.test(text)) return rejected('bad_character', text)

  const typeEnd = text.indexOf(':')
  const nameEnd = text.lastIndexOf(':')
  if (typeEnd === nameEnd) return rejected('missing_part', text)

  const [, type, scopeClass] = TYPE.exec(text.slice(0, typeEnd)) ?? []
  if (type === undefined) return rejected('bad_type', text)

  const parsedName = parseRepositoryName(text.slice(typeEnd + 1, nameEnd), maxNameLength)
  if (parsedName.outcome === 'rejected') {
    return rejected(parsedName.reason === 'name_too_long' ? 'name_too_long' : 'bad_name', text)
  }

  const words = text.slice(nameEnd + 1).split(',')
  const asked = words.filter((word) => word !== '')
  if (asked.length > maxActions) return rejected('too_many_actions', text)

  return {
    outcome: 'accepted',
    scope: {
      type,
      ...(scopeClass !== undefined && { class: scopeClass }),
      name: parsedName.name.name,
      actions: [...new Set(asked.filter(isAction))],
    },
    ignoredActions: asked.filter((word) => !isAction(word)),
  }
}

/**
 * Prints a scope (or an access entry, which has the same shape) so that {@link parseScope} reads the same again.
 *
 * @throws {TypeError} if a part is outside the grammar: printed, it could be read as another scope than was meant.
 */
export function formatScope({ type, class: scopeClass, name, actions }: Scope): string {
  if (!WORD.test(type) || (scopeClass !== undefined && !WORD.test(scopeClass))) {
    throw new TypeError(`cannot print this scope: ${SCOPE_PROBLEM_MESSAGES.bad_type}`)
  }
  if (parseRepositoryName(name, Number.POSITIVE_INFINITY).outcome === 'rejected') {
    throw new TypeError(`cannot print this scope: ${SCOPE_PROBLEM_MESSAGES.bad_name}`)
  }
  if (!actions.every(isAction)) {
    throw new TypeError('cannot print this scope: an action is a lower-case word such as pull, or *')
  }
  return `${type}${scopeClass === undefined ? '' : `(${scopeClass})`}:${name}:${actions.join(',')}`
}

const isAction = (word: string): boolean => ACTION.test(word)

const rejected = (reason: ScopeProblemReason, text: string): ScopeResult => ({
  outcome: 'rejected',
  problem: scopeProblem(reason, text),
})
