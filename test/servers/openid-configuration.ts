import type { JWK } from 'jose'
import type { Adapter, Configuration } from 'oidc-provider'
import type { Claims } from './openid-provider.ts'

/** What a test provider is made of. */
export interface OpenIdParts {
  readonly people: ReadonlyMap<string, Claims>
  readonly keys: { readonly keys: JWK[] }
  readonly client: {
    readonly id: string
    readonly secret: string
    readonly redirectUris: readonly string[]
    readonly signedOutUris: readonly string[]
    readonly backchannelLogoutUri?: string
  }
  readonly accessTokenSeconds: number
  readonly store: (kind: string) => Adapter
}

/** A provider that insists on PKCE, asks nobody for consent, puts every claim into the ID token and rotates at each refresh. */
export const openIdConfiguration = ({
  people,
  keys,
  client,
  accessTokenSeconds,
  store,
}: OpenIdParts): Configuration => ({
  adapter: store,
  clients: [
    {
      client_id: client.id,
      client_secret: client.secret,
      redirect_uris: [...client.redirectUris],
      post_logout_redirect_uris: [...client.signedOutUris],
      grant_types: ['authorization_code', 'refresh_token'],
      ...(client.backchannelLogoutUri !== undefined && {
        backchannel_logout_uri: client.backchannelLogoutUri,
        backchannel_logout_session_required: true,
      }),
    },
  ],
  jwks: keys,
  cookies: { keys: ['a key for the cookies of the tests'] },
  claims: {
    openid: ['sub'],
    profile: ['name', 'preferred_username'],
    email: ['email', 'email_verified'],
    groups: ['groups'],
  },
  scopes: ['openid', 'profile', 'email', 'groups', 'offline_access'],
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  rotateRefreshToken: true,
  findAccount: (_context, sub) => {
    const claims = people.get(sub)
    return claims && { accountId: sub, claims: async () => ({ ...claims, sub }) }
  },
  async loadExistingGrant(context) {
    const { client: of, session, params, provider } = context.oidc
    const known = session?.grantIdFor(of?.clientId ?? '')
    if (known !== undefined) return provider.Grant.find(known)
    const grant = new provider.Grant({
      ...(of && { clientId: of.clientId }),
      ...(session?.accountId !== undefined && { accountId: session.accountId }),
    })
    grant.addOIDCScope(String(params?.scope))
    await grant.save()
    return grant
  },
  // It would refuse to post notices to this machine.
  fetch: (url, { dispatcher: _guard, ...options }: RequestInit & { dispatcher?: unknown } = {}) => fetch(url, options),
  interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
  ttl: {
    AccessToken: accessTokenSeconds,
    IdToken: 3600,
    Interaction: 600,
    Session: 3600,
    Grant: 86_400,
    RefreshToken: 86_400,
  },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (context, form) => {
        context.body = `<!doctype html><title>Example provider</title><p>Sign out here, too?</p>${form}
<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`
      },
    },
    revocation: { enabled: true },
  },
})
