import type { Call, Identity } from '@lockkeeper/core'
import type { Endpoint } from './endpoint.ts'
import type { IdentityReader } from './identity.ts'
import type { HttpAuthSettings } from './options.ts'
import { tokenReviewer } from './token-review.ts'

/** Who tokens belong to, as the proxy says. */
export interface Reviews {
  /** Nothing when a token is nobody's. @throws {BackendUnavailableError} when that cannot be told. */
  identityOf(token: string, call: Call): Promise<Identity | undefined>
  close(): void
}

/** Puts the review of tokens and the reading of identities together. */
export function tokenReviews(
  endpoint: Endpoint,
  settings: NonNullable<HttpAuthSettings['tokenReview']>,
  toIdentity: IdentityReader,
): Reviews {
  const review = tokenReviewer(endpoint, settings)
  return {
    async identityOf(token, call) {
      const answer = await review(token, call)
      if (answer.outcome === 'refused') return undefined
      const identity = toIdentity(answer.user)
      if (identity === undefined) throw endpoint.unavailable('names no uid, which the option subject asks for')
      return identity
    },
    close: () => endpoint.close(),
  }
}
