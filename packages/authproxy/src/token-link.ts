import {
  type Authenticator,
  AuthModeRegistry,
  authenticated,
  type ChainLink,
  canonicalName,
  createLogin,
  rejected,
  type ServerParts,
} from '@lockkeeper/core'
import type { HttpAuthSettings } from './options.ts'
import type { Reviews } from './reviews.ts'
import { MAX_TOKEN_BYTES } from './token-review.ts'

/** Tokens are frozen apart from passwords: a pipeline with an old token locks nobody out. */
const SPACE = 'token-reviews'

/**
 * Logs in by a token: `docker login -u 'tokenreview$jane'` with the token in place of the password. The token must be
 * that of the person who is named.
 */
export function tokenLink(
  { mode, tokenPrefix }: HttpAuthSettings,
  reviews: Reviews,
  { lockout, accounts, clock, audit, contextOf }: ServerParts,
): ChainLink {
  const byToken: Authenticator = {
    mode,
    claimsEveryName: true,
    lookUp: async ({ typed }) => ({
      async verify(token, call) {
        const identity = await reviews.identityOf(token, call)
        if (identity === undefined) return rejected('bad_credentials')
        return identity.username === typed ? authenticated(identity) : rejected('not_allowed')
      },
    }),
  }
  const modes = new AuthModeRegistry([byToken])
  const parts = { modes, order: [mode], lockout, accounts, clock, audit }
  const login = createLogin({ ...parts, space: SPACE, maxSecretBytes: MAX_TOKEN_BYTES })

  return {
    name: `${mode} tokens`,
    async generate({ presented, source, door, requestId }) {
      if (presented.kind !== 'password') return { outcome: 'abstained' }
      const { username, password } = presented
      // By the canonical name, so that no spelling of the prefix gets a token to where passwords go.
      if (!canonicalName(username)?.startsWith(tokenPrefix)) return { outcome: 'abstained' }
      const name = username.startsWith(tokenPrefix) ? username.slice(tokenPrefix.length) : ''
      const result = await login({ username: name, password, source, door, requestId })
      if (result.outcome === 'rejected') return result
      return { outcome: 'context', context: contextOf(result.account), steps: result.steps }
    },
  }
}
