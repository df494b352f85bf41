import { freePort } from '../servers/free-port.ts'
import { type OpenIdProvider, startOpenIdProvider } from '../servers/openid-provider.ts'
import { type LockkeeperServer, startLockkeeper } from './lockkeeper.ts'

/** A server as people run it, and the provider that its people come from. */
export interface WebServer extends LockkeeperServer {
  readonly provider: OpenIdProvider
}

/** Auth modes, and under other keys what else `auth` has for them. */
type FurtherModes = { readonly modes: readonly string[]; readonly [key: string]: unknown }

/** Starts `lockkeeper serve` on SQLite with local passwords and a real provider, where somebody else is called admin, too. */
export async function startWebServer(
  onboarding: 'automatic' | 'ask' = 'automatic',
  { modes, ...sections }: FurtherModes = { modes: [] },
): Promise<WebServer> {
  const port = await freePort()
  const url = `http://localhost:${port}`
  const provider = await startOpenIdProvider({
    people: {
      jane: { preferred_username: 'jane', name: 'Jane Doe', email: 'jane@example.com', groups: ['dev'] },
      root: { preferred_username: 'admin', name: 'Another Admin' },
    },
    redirectUris: [`${url}/auth/oidc_auth/callback`],
    signedOutUris: [`${url}/logout`],
    backchannelLogoutUri: `${url}/auth/oidc_auth/backchannel-logout`,
  })
  provider.signIn = undefined
  const configuration = {
    auth: {
      modes: ['db_auth', 'oidc_auth', ...modes],
      ...sections,
      oidc_auth: {
        issuer: provider.issuer,
        clientId: provider.client.id,
        clientSecret: provider.client.secret,
        name: 'Example',
        scopes: ['openid', 'profile', 'email', 'groups', 'offline_access'],
        groupsClaim: 'groups',
        // Who may push is not what is tested here.
        adminGroup: 'dev',
        extraParameters: { prompt: 'consent' },
        onboarding,
        insecureAllowPlaintext: true,
      },
    },
    web: { registryHost: `127.0.0.1:${port}` },
  }
  const lines = Object.entries(configuration).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
  const lockkeeper = await startLockkeeper(lines.join(''), '/readyz', port).catch(async (error: unknown) => {
    await provider.stop()
    throw error
  })
  return {
    ...lockkeeper,
    provider,
    async stop() {
      await lockkeeper.stop()
      await provider.stop()
    },
  }
}
