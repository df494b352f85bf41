import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { locate } from './requirements.ts'
import { type RunningServer, runServer } from './run-server.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Token authentication of a registry, in the words of its configuration file. Paths are absolute. */
export interface RegistryTokenAuth {
  /** With `localhost`, not with an address: crane sends no credentials to a realm on 127.0.0.1. */
  readonly realm: string
  readonly service: string
  readonly issuer: string
  /** Certificates in PEM that the registry trusts. 2.8 cannot do without it. */
  readonly rootcertbundle?: string
  /** A JWKS file; 3 only. */
  readonly jwks?: string
  /** Names such as `ES256`; 3 only. */
  readonly signingalgorithms?: readonly string[]
}

/** `2.8` is Debian's docker-registry, `3` the Distribution registry built from source. */
export interface RegistryOptions {
  readonly version: '2.8' | '3'
  /** Without it everybody may do everything. */
  readonly auth?: RegistryTokenAuth
  /** A port from `freePort()`, for callers that have to know it before the start. */
  readonly port?: number
}

/** A registry of one's own, plain HTTP, with deletes allowed. Its log tells why it refused a token. */
export interface RegistryServer extends RunningServer {
  readonly port: number
  /** `127.0.0.1:port`, as it stands in front of an image's name. */
  readonly host: string
  readonly url: string
}

/** Starts a container registry, in about a tenth of a second. `restart` reads keys and certificates anew. */
export async function startRegistry(options: RegistryOptions): Promise<RegistryServer> {
  const command = locate(options.version === '3' ? 'registry-3' : 'registry-2.8')
  const folder = await temporaryFolder()
  const port = options.port ?? (await freePort())
  const host = `127.0.0.1:${port}`
  const url = `http://${host}`
  const configuration = join(folder.path, 'config.yml')
  // Every JSON document is YAML.
  await writeFile(configuration, JSON.stringify(configure(folder.path, host, options.auth), undefined, 2))
  const server = await runServer({
    name: `registry ${options.version}`,
    command,
    args: ['serve', configuration],
    folder,
    // Version 3 would otherwise try to send traces to a collector.
    env: { OTEL_TRACES_EXPORTER: 'none' },
    async probe() {
      const { status } = await fetch(`${url}/v2/`, { signal: AbortSignal.timeout(2_000) })
      if (status !== 200 && status !== 401) throw new Error(`/v2/ answered ${status}`)
    },
  })
  return { ...server, port, host, url }
}

function configure(folder: string, addr: string, token: RegistryTokenAuth | undefined): object {
  return {
    version: 0.1,
    log: { level: 'info', accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: join(folder, 'storage') }, delete: { enabled: true } },
    http: { addr, secret: randomBytes(16).toString('hex') },
    ...(token && { auth: { token } }),
  }
}
