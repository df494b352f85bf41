import type { Clock, ExternalLogin } from '@lockkeeper/core'
import * as oidc from 'openid-client'
import type { OidcAuthSettings } from '../options.ts'
import { oidcClient } from '../provider/client.ts'
import type { KeptCopy } from '../provider/kept-copy.ts'
import type { ProviderMetadata } from '../provider/metadata.ts'
import type { ProviderFetch } from '../provider/provider-fetch.ts'
import { readLogoutToken } from '../tokens/logout-token.ts'
import { ReplayMemory } from '../tokens/replay-memory.ts'
import type { SigningKeys } from '../tokens/signing-keys.ts'
import { type OnRefused, verifyBearer } from './bearer.ts'
import { finishLogin } from './finish.ts'
import type { ToIdentity } from './identity.ts'
import { writePending } from './pending.ts'
import { refreshGrant } from './refresh.ts'
import { startLogin } from './start.ts'

/** Notices of sign-out that are remembered, so that each counts once. */
const MAX_NOTICES = 10_000

/** What the parts of one provider's login share. */
export interface OidcParts {
  readonly settings: OidcAuthSettings
  readonly clock: Clock
  readonly fetch: ProviderFetch
  readonly metadata: KeptCopy<ProviderMetadata>
  readonly keys: SigningKeys
  readonly toIdentity: ToIdentity
}

/** The login in the browser, and what follows from it for as long as the provider's grant lives. */
export function oidcLogin(parts: OidcParts, onRefused: OnRefused): Required<ExternalLogin> {
  const { settings, clock, fetch, metadata } = parts
  const notices = new ReplayMemory(clock, MAX_NOTICES)
  const { mode, issuer, onboarding, name = new URL(issuer).host } = settings

  return {
    mode,
    name,
    onboarding,
    async start({ callbackUrl }) {
      const client = oidcClient(settings, await metadata.current(), fetch, clock.wallMs())
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
      return oidc.buildEndSessionUrl(oidcClient(settings, provider, fetch, clock.wallMs()), {
        ...(returnTo !== undefined && { post_logout_redirect_uri: returnTo.href }),
        ...(settings.insecureIdTokenInUrl && grant.idToken !== undefined && { id_token_hint: grant.idToken }),
      })
    },
    readLogoutToken: (body) => readLogoutToken(body, notices, parts),
  }
}
