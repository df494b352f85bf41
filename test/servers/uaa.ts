import { generateKeyPairSync } from 'node:crypto'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Certificates, makeCertificates } from './certificates.ts'
import { executeOrThrow } from './command.ts'
import { freePort } from './free-port.ts'
import { locate } from './requirements.ts'
import { type RunningServer, runServer } from './run-server.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Whom UAA knows, and how strict it is. */
export interface UaaOptions {
  readonly people: readonly {
    readonly username: string
    readonly password: string
    /** Groups beside those that UAA gives everybody, `openid` among them. */
    readonly groups?: readonly string[]
  }[]
  /** The scopes that people may get through the client, beside `openid`. */
  readonly scopes: readonly string[]
  /** Locks somebody for five minutes after so many wrong passwords in a row; five unless said. */
  readonly lockAfterFailures?: number
}

/** A Cloud Foundry UAA of one's own, with its accounts in memory. */
export interface UaaServer extends RunningServer {
  /** `https:`, with a certificate for 127.0.0.1 and localhost. */
  readonly url: string
  readonly plainUrl: string
  /** The authority to trust, a PEM file. */
  readonly ca: string
  /** With the grants `password` and `client_credentials`, and the right to search. */
  readonly client: { readonly id: string; readonly secret: string }
  /** With the grant `password` alone. */
  readonly passwordClient: { readonly id: string; readonly secret: string }
}

const CLIENT = { id: 'registry', secret: 's%cret+1&=' }
const PASSWORD_CLIENT = { id: 'password-only', secret: 'another' }

/** Starts UAA in Tomcat. That takes most of a minute, so let one serve a whole file. */
export async function startUaa(options: UaaOptions): Promise<UaaServer> {
  const command = locate('uaa')
  const folder = await temporaryFolder()
  const [port, tlsPort] = [await freePort(), await freePort()]
  const [plainUrl, url] = [`http://127.0.0.1:${port}/uaa`, `https://127.0.0.1:${tlsPort}/uaa`]
  const certificates = await makeCertificates(folder.path)
  await mkdir(join(folder.path, 'conf'))
  // The home of Tomcat lies beside the command's folder and has its name.
  const home = join(command, '..', '..', basename(command))
  await copyFile(join(home, 'conf', 'web.xml'), join(folder.path, 'conf', 'web.xml'))
  await writeFile(join(folder.path, 'conf', 'server.xml'), tomcat(home, port, tlsPort, certificates))
  const signing = await signingKey(folder.path)
  // Every JSON document is YAML.
  await writeFile(join(folder.path, 'uaa.yml'), JSON.stringify(configure(plainUrl, signing, options), undefined, 2))

  const server = await runServer({
    name: 'UAA',
    command,
    args: [],
    folder,
    env: { CLOUDFOUNDRY_CONFIG_PATH: folder.path, UAA_CONFIG_PATH: folder.path },
    readyWithinMs: 300_000,
    async probe() {
      const headers = { accept: 'application/json' }
      const { status } = await fetch(`${plainUrl}/info`, { headers, signal: AbortSignal.timeout(10_000) })
      if (status !== 200) throw new Error(`/info answered ${status}`)
    },
  })
  return { ...server, url, plainUrl, ca: certificates.ca, client: CLIENT, passwordClient: PASSWORD_CLIENT }
}

function tomcat(home: string, port: number, tlsPort: number, { certificate, key }: Certificates): string {
  return `<Server port="-1"><Service name="uaa">
  <Connector address="127.0.0.1" port="${port}"/>
  <Connector address="127.0.0.1" port="${tlsPort}" SSLEnabled="true" scheme="https" secure="true"><SSLHostConfig>
    <Certificate certificateFile="${certificate}" certificateKeyFile="${key}" type="EC"/>
  </SSLHostConfig></Connector>
  <Engine name="uaa" defaultHost="localhost"><Host name="localhost" autoDeploy="false" deployOnStartup="false">
    <Context path="/uaa" docBase="${home}/webapps/uaa"/>
  </Host></Engine>
</Service></Server>
`
}

interface SigningKey {
  readonly key: string
  readonly certificate: string
}

async function signingKey(folder: string): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const file = join(folder, 'signing.key')
  const key = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  await writeFile(file, key)
  const request = ['req', '-x509', '-key', file, '-days', '2', '-subj', '/CN=uaa']
  return { key, certificate: await executeOrThrow(locate('openssl'), request, { cwd: folder }) }
}

function configure(url: string, { key, certificate }: SigningKey, options: UaaOptions): object {
  const { people, scopes, lockAfterFailures: lockoutAfterFailures = 5 } = options
  return {
    spring_profiles: 'default,hsqldb',
    issuer: { uri: url },
    encryption: {
      active_key_label: 'only',
      encryption_keys: [{ label: 'only', passphrase: 'of a throw-away server' }],
    },
    jwt: { token: { policy: { activeKeyId: 'only', keys: { only: { signingKey: key } } } } },
    LOGIN_SECRET: 'unused',
    login: {
      url,
      serviceProviderKey: key,
      serviceProviderKeyPassword: '',
      serviceProviderCertificate: certificate,
      saml: { activeKeyId: 'only', keys: { only: { key, passphrase: '', certificate } } },
    },
    authentication: {
      policy: { lockoutAfterFailures, countFailuresWithinSeconds: 1_200, lockoutPeriodSeconds: 300 },
    },
    oauth: {
      clients: {
        [CLIENT.id]: {
          secret: CLIENT.secret,
          'authorized-grant-types': 'password,client_credentials',
          scope: ['openid', ...scopes].join(),
          authorities: 'scim.read',
        },
        [PASSWORD_CLIENT.id]: {
          secret: PASSWORD_CLIENT.secret,
          'authorized-grant-types': 'password',
          scope: scopes.join(),
        },
      },
    },
    scim: {
      users: people.map(({ username, password, groups = [] }) =>
        [username, password, `${username}@example.test`, username, 'Test', groups.join()].join('|'),
      ),
    },
  }
}
