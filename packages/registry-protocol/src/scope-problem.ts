/** Why a text is not a scope, or a list of scopes is not read; a token server answers 400. */
export type ScopeProblemReason =
  | 'too_many_scopes'
  | 'too_many_actions'
  | 'scope_too_long'
  | 'name_too_long'
  | 'bad_character'
  | 'missing_part'
  | 'bad_type'
  | 'bad_name'

/** A text that is not a scope, or a list that is too long. */
export interface ScopeProblem {
  readonly reason: ScopeProblemReason
  /** A sentence for the person who asked; it does not repeat what they sent. */
  readonly message: string
  /** The start of what was sent, at most 80 characters of anybody's choosing: escape it before showing it. */
  readonly text: string
}

/** One sentence for each reason; they say what would be right. */
export const SCOPE_PROBLEM_MESSAGES: Readonly<Record<ScopeProblemReason, string>> = {
  too_many_scopes: 'too many scopes in one request; ask for fewer repositories at a time',
  too_many_actions: 'too many actions in one scope; ask for fewer',
  scope_too_long: 'the scope is too long; ask for fewer actions or a shorter name',
  name_too_long: 'the name in the scope is too long; the usual limit is 255 characters',
  bad_character: 'a scope is printable ASCII without spaces; separate scopes by single spaces',
  missing_part: 'a scope has three parts, type:name:actions, such as repository:team/app:pull',
  bad_type: 'the type of a scope is lower-case letters and digits, such as repository or repository(plugin)',
  bad_name: 'the name in a scope is lower-case path components, such as team/app, without tag or digest',
}

/** The problem with `text`, which is cut so that a log or an answer cannot be flooded. */
export const scopeProblem = (reason: ScopeProblemReason, text: string): ScopeProblem => ({
  reason,
  message: SCOPE_PROBLEM_MESSAGES[reason],
  text: text.slice(0, 80),
})
