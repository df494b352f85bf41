import type { HttpAnswer, RejectReason } from '@lockkeeper/core'
import { grantError } from './answers.ts'

/** What the token endpoint means when it grants nothing. */
export type GrantRefusal =
  /** The name, the password, the client id or the client secret is wrong: UAA has one wording for all four. */
  | { readonly outcome: 'bad_credentials' }
  /** The client proved itself, and this person does not get in. */
  | { readonly outcome: 'rejected'; readonly reason: RejectReason }
  /** Nothing was said of the person; `why` is for the operator. */
  | { readonly outcome: 'cannot_tell'; readonly why: string }

const rejected = (reason: RejectReason): GrantRefusal => ({ outcome: 'rejected', reason })
const cannotTell = (why: string): GrantRefusal => ({ outcome: 'cannot_tell', why })

const GRANT_ADVICE = 'does not allow the client this grant; add it to authorized_grant_types of the client'
const ORIGIN_ADVICE = 'has no active identity provider of this origin that takes passwords; check origin'

/** What UAA writes, by the status it comes with and a part of its text. Nothing of the text is passed on. */
// biome-ignore format: a table is read by column
const KNOWN: readonly (readonly [status: number, text: string, meaning: GrantRefusal])[] = [
  [401, 'bad credentials',             { outcome: 'bad_credentials' }],
  [401, 'account has been locked',     rejected('locked')],
  [401, 'password change required',    rejected('must_change')],
  [403, 'password change required',    rejected('must_change')],
  [403, 'account not verified',        rejected('not_allowed')],
  [400, 'user is not allowed any of',  rejected('not_allowed')],
  [401, 'unauthorized grant type',     cannotTell(GRANT_ADVICE)],
  [401, 'origin provided in the login_hint does not match', cannotTell(ORIGIN_ADVICE)],
]

/**
 * Sorts an answer of the token endpoint that is no token. What is not known is no refusal.
 *
 * @throws {BackendUnavailableError} when it is not JSON.
 */
export function readGrantRefusal(answer: HttpAnswer): GrantRefusal {
  const { status } = answer
  const why = `answers ${status} to a request for a token`
  if (status < 400 || status === 429 || status >= 500) return cannotTell(why)
  const parsed = grantError.safeParse(answer.json())
  if (!parsed.success) return cannotTell(why)
  const { error, error_description: description } = parsed.data
  const text = description.toLowerCase()
  const known = KNOWN.find(([code, part]) => code === status && text.includes(part))
  if (known) return known[2]
  // The code is a word of a specification; the description may hold what somebody typed.
  return cannotTell(/^[a-z_]{1,40}$/.test(error) ? `${why} (${error})` : why)
}
