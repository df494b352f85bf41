import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { walk } from './openid-browser.ts'
import { locate } from './requirements.ts'
import { type RunningServer, runServer } from './run-server.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Dex with one client and one person. Everything is in its memory: a restart forgets tokens and makes new keys. */
export interface DexServer extends RunningServer {
  /** It has a path, so that nothing can take the provider's origin for its issuer. */
  readonly issuer: string
  readonly client: { readonly id: string; readonly secret: string }
  readonly person: { readonly id: string; readonly username: string; readonly email: string; readonly password: string }
  /**
   * Follows a login to Dex's form, fills it in, and follows on to the first URL that is not Dex's.
   *
   * @throws {Error} with Dex's page, when it does not send the browser on: the form again after a wrong password.
   */
  logIn(url: URL, password?: string): Promise<URL>
}

const CLIENT = { id: 'lockkeeper', secret: 'secret of Dex: 100% + more' }
const PERSON = { id: 'jane-1', username: 'jane', email: 'jane@example.com', password: 'correct horse' }

/** By bcrypt, with the least cost that Dex takes. */
const PASSWORD_HASH = '$2b$10$mZCWQL/SzpJwBl60vApUq.9c5Otmwdiy2kQMIAZV54e6S3PnK8t9u'

/** Starts Dex, a provider that shares no code with the other one, in about half a second. */
export async function startDex(options: { readonly callbackUrl: URL }): Promise<DexServer> {
  const command = locate('dex')
  const folder = await temporaryFolder()
  const { host, origin } = new URL(`http://127.0.0.1:${await freePort()}`)
  const issuer = `${origin}/dex`
  const configuration = join(folder.path, 'config.yml')
  // Every JSON document is YAML.
  await writeFile(configuration, JSON.stringify(configure(issuer, host, options.callbackUrl), undefined, 2))
  const server = await runServer({
    name: 'Dex',
    command,
    args: ['serve', configuration],
    folder,
    // Without sessions this version reads its storage while it writes there during a refresh, and in memory that locks up.
    env: { DEX_SESSIONS_ENABLED: 'true' },
    async probe() {
      const response = await fetch(`${issuer}/keys`, { signal: AbortSignal.timeout(2_000) })
      if (!response.ok) throw new Error(`/keys answered ${response.status}`)
    },
  })
  return {
    ...server,
    issuer,
    client: CLIENT,
    person: PERSON,
    logIn: (url, password = PERSON.password) =>
      walk(url, origin, new Map(), new URLSearchParams({ login: PERSON.email, password })),
  }
}

function configure(issuer: string, http: string, callbackUrl: URL): object {
  const { id, username, email } = PERSON
  return {
    issuer,
    storage: { type: 'memory' },
    sessions: {},
    web: { http },
    oauth2: {
      responseTypes: ['code'],
      skipApprovalScreen: true,
      pkce: { enforce: true, codeChallengeMethodsSupported: ['S256'] },
    },
    expiry: { refreshTokens: { disableRotation: false, reuseInterval: '0s' } },
    staticClients: [{ ...CLIENT, name: 'Lockkeeper', redirectURIs: [callbackUrl.href] }],
    enablePasswordDB: true,
    staticPasswords: [
      {
        userID: id,
        username,
        preferredUsername: username,
        name: 'Jane Doe',
        email,
        emailVerified: true,
        groups: ['dev', 'ops'],
        hash: PASSWORD_HASH,
      },
    ],
  }
}
