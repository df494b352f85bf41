import { once } from 'node:events'
import Provider from 'oidc-provider'

/** What Lockkeeper has to know of the provider. */
export interface ExampleProvider {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
}

/**
 * Starts a provider to play with, in this process. Its pages take every name with every password, and whoever signs in
 * is in the group `people`; somebody called `root` is in `admins` as well.
 */
export async function startProvider(port: number, url: string): Promise<ExampleProvider> {
  const issuer = `http://127.0.0.1:${port}`
  const client = { clientId: 'lockkeeper', clientSecret: 'a-secret-for-an-example-that-is-long-enough' }
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [`${url}/auth/oidc_auth/callback`],
        post_logout_redirect_uris: [`${url}/logout`],
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    claims: { openid: ['sub'], profile: ['preferred_username', 'name'], groups: ['groups'] },
    scopes: ['openid', 'profile', 'groups', 'offline_access'],
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({
        sub,
        preferred_username: sub,
        name: sub,
        groups: sub === 'root' ? ['people', 'admins'] : ['people'],
      }),
    }),
    pkce: { required: () => true },
    cookies: { keys: [crypto.randomUUID()] },
  })
  const server = provider.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return { issuer, ...client }
}
