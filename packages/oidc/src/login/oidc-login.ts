import type { ExternalLogin } from '@lockkeeper/core'
import * as oidc from 'openid-client'
import { oidcClient } from '../provider/client.ts'
import { readLogoutToken } from '../tokens/logout-token.ts'
import { ReplayMemory } from '../tokens/replay-memory.ts'
import { type OnRefused, verifyBearer } from './bearer.ts'
import { finishLogin } from './finish.ts'
import type { OidcParts } from './oidc-parts.ts'
import { writePending } from './pending.ts'
import { refreshGrant } from './refresh.ts'
import { startLogin } from './start.ts'

/** Notices of sign-out that are remembered, so that each counts once. */
const MAX_NOTICES = 10_000

/** The login in the browser, and what follows from it for as long as the provider's grant lives. */
export function oidcLogin(parts: OidcParts, onRefused: OnRefused): Required<Omit<ExternalLogin, 'tokenUsername'>> {
  const { settings, clock, fetch, metadata } = parts
  const notices = new ReplayMemory(clock, MAX_NOTICES)
  const { mode, issuer, onboarding, name = new URL(issuer).host } = settings

  return {
    mode,
    name,
    onboarding,
    async start({ callbackUrl }) {
      const client = oidcClient(settings, await metadata.current(), fetch)
      const { redirectTo, login } = await startLogin(callbackUrl, settings, client)
      return { redirectTo, pending: writePending(login, mode, clock.wallMs()) }
    },
    finish: (callback, pending) => finishLogin(callback, pending, parts),
    refresh: (grant) => refreshGrant(grant, parts),
    verifyToken: (token) => verifyBearer(token, parts, onRefused),
    async endSession(grant, { returnTo } = {}) {
      // Signing out here goes on without the provider.
      const provider = await metadata.current().catch(() => undefined)
      if (provider?.end_session_endpoint === undefined || grant.issuer !== issuer) return undefined
      return oidc.buildEndSessionUrl(oidcClient(settings, provider, fetch), {
        ...(returnTo !== undefined && { post_logout_redirect_uri: returnTo.href }),
        ...(settings.insecureIdTokenInUrl && grant.idToken !== undefined && { id_token_hint: grant.idToken }),
      })
    },
    readLogoutToken: (body) => readLogoutToken(body, notices, parts),
  }
}
