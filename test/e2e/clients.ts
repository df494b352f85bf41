import { dirname, join } from 'node:path'
import { execute, type Finished } from '../servers/command.ts'
import { locate, type RequirementName } from '../servers/requirements.ts'

/** Name and password, handed to clients on standard input. */
export interface Login {
  readonly username: string
  readonly password: string
}

/** `docker login` and `docker logout`; moving images takes an engine, which is not here. */
export interface Docker {
  login(host: string, login: Login): Promise<Finished>
  logout(host: string): Promise<Finished>
}

/** References carry their transport: `docker://127.0.0.1:5000/team/app:1`, `oci:/folder:latest`. */
export interface Skopeo {
  login(host: string, login: Login): Promise<Finished>
  logout(host: string): Promise<Finished>
  copy(from: string, to: string): Promise<Finished>
  inspect(reference: string): Promise<Finished>
  listTags(repository: string): Promise<Finished>
  delete(reference: string): Promise<Finished>
}

/** References are bare: `127.0.0.1:5000/team/app:1`. */
export interface Crane {
  login(host: string, login: Login): Promise<Finished>
  logout(host: string): Promise<Finished>
  /** Pushes an image of one layer. */
  append(layerFile: string, reference: string): Promise<Finished>
  cp(from: string, to: string): Promise<Finished>
  ls(repository: string): Promise<Finished>
  catalog(host: string): Promise<Finished>
  digest(reference: string): Promise<Finished>
  /** Takes a reference by digest where the registry deletes by digest only. */
  delete(reference: string): Promise<Finished>
}

/** References are bare: `127.0.0.1:5000/team/app:1`. */
export interface Oras {
  login(host: string, login: Login): Promise<Finished>
  logout(host: string): Promise<Finished>
  /** Pushes one file under its own name. */
  push(reference: string, file: string): Promise<Finished>
  pull(reference: string, intoFolder: string): Promise<Finished>
  cp(from: string, to: string): Promise<Finished>
  repoLs(host: string): Promise<Finished>
  delete(reference: string): Promise<Finished>
}

/** The clients of one person. */
export interface Clients {
  readonly docker: Docker
  readonly skopeo: Skopeo
  readonly crane: Crane
  readonly oras: Oras
}

/** Below the time limit of a test, so that a client that hangs fails with what it printed. */
const TIMEOUT_MS = 15_000

/**
 * The real clients, against registries on plain HTTP. Every exit code is returned, none throws; a client that is not
 * installed throws and says how to get it.
 *
 * @param home A scratch folder that keeps who is logged in. Another folder is another person; an empty one is anonymous.
 */
export function clientsOf(home: string): Clients {
  const runner =
    (name: RequirementName) =>
    (args: readonly string[], input = '', cwd = home): Promise<Finished> =>
      execute(locate(name), args, { env: environment(home, name), input, cwd, timeoutMs: TIMEOUT_MS })
  return {
    docker: docker(runner('docker')),
    skopeo: skopeo(runner('skopeo')),
    crane: crane(runner('crane')),
    oras: oras(runner('oras')),
  }
}

/** Nothing of the machine's own logins, proxies and engine reaches the clients, and nothing of theirs the machine. */
function environment(home: string, name: RequirementName): Readonly<Record<string, string | undefined>> {
  return {
    PATH: process.env.PATH,
    HOME: home,
    DOCKER_CONFIG: join(home, name),
    DOCKER_HOST: `unix://${join(home, 'no-engine')}`,
    REGISTRY_AUTH_FILE: join(home, 'skopeo.json'),
    // Run as root, skopeo would note in /var/lib which blob it saw where, and mount them in later tests.
    _CONTAINERS_ROOTLESS_UID: '1',
  }
}

type Run = (args: readonly string[], input?: string, cwd?: string) => Promise<Finished>

const docker = (run: Run): Docker => ({
  login: (host, { username, password }) => run(['login', '-u', username, '--password-stdin', host], password),
  logout: (host) => run(['logout', host]),
})

const skopeo = (run: Run): Skopeo => ({
  login: (host, { username, password }) =>
    run(['login', '--tls-verify=false', '-u', username, '--password-stdin', host], password),
  logout: (host) => run(['logout', host]),
  copy: (from, to) => run(['copy', '--insecure-policy', '--src-tls-verify=false', '--dest-tls-verify=false', from, to]),
  inspect: (reference) => run(['inspect', '--tls-verify=false', reference]),
  listTags: (repository) => run(['list-tags', '--tls-verify=false', repository]),
  delete: (reference) => run(['delete', '--tls-verify=false', reference]),
})

const crane = (run: Run): Crane => ({
  login: (host, { username, password }) =>
    run(['auth', 'login', '--insecure', '-u', username, '--password-stdin', host], password),
  logout: (host) => run(['auth', 'logout', host]),
  append: (layerFile, reference) => run(['append', '--insecure', '-f', layerFile, '-t', reference]),
  cp: (from, to) => run(['cp', '--insecure', from, to]),
  ls: (repository) => run(['ls', '--insecure', repository]),
  catalog: (host) => run(['catalog', '--insecure', host]),
  digest: (reference) => run(['digest', '--insecure', reference]),
  delete: (reference) => run(['delete', '--insecure', reference]),
})

const oras = (run: Run): Oras => ({
  login: (host, { username, password }) =>
    run(['login', '--plain-http', '-u', username, '--password-stdin', host], password),
  logout: (host) => run(['logout', host]),
  push: (reference, file) => {
    const name = file.slice(dirname(file).length + 1)
    return run(['push', '--plain-http', reference, `${name}:text/plain`], '', dirname(file))
  },
  pull: (reference, intoFolder) => run(['pull', '--plain-http', '-o', intoFolder, reference]),
  cp: (from, to) => run(['cp', '--from-plain-http', '--to-plain-http', from, to]),
  repoLs: (host) => run(['repo', 'ls', '--plain-http', host]),
  delete: (reference) => run(['manifest', 'delete', '--plain-http', '--force', reference]),
})
