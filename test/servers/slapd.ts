import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeCertificates } from './certificates.ts'
import { executeOrThrow } from './command.ts'
import { freePort } from './free-port.ts'
import { locate } from './requirements.ts'
import { type RunningServer, runServer } from './run-server.ts'
import { configure, DIRECTORY, skeleton } from './slapd-directory.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** What the directory holds at first, and how strict it is. */
export interface SlapdOptions {
  /** Entries below `dc=example,dc=test`, added after `ou=people` and `ou=groups`. */
  readonly ldif?: string
  /** Locks an entry after so many wrong passwords. Give each test its own person then: a lock is seen by all of them. */
  readonly lockAfterFailures?: number
}

/** An OpenLDAP of one's own. Nobody binds anonymously; `reader` may read everything but passwords, a person themselves. */
export interface SlapdServer extends RunningServer {
  /** `ldap://`, and StartTLS on it. */
  readonly url: string
  /** `ldaps://` with a certificate for 127.0.0.1 and localhost. */
  readonly ldapsUrl: string
  /** The authority to trust, a PEM file. */
  readonly ca: string
  readonly baseDn: string
  readonly admin: { readonly dn: string; readonly password: string }
  readonly reader: { readonly dn: string; readonly password: string }
  /** Adds entries as administrator, over the wire, so that `memberOf` is kept. */
  add(ldif: string): Promise<void>
}

/** Starts an OpenLDAP with the memberOf and ppolicy overlays, in a quarter of a second. */
export async function startSlapd(options: SlapdOptions = {}): Promise<SlapdServer> {
  const command = locate('slapd')
  const folder = await temporaryFolder()
  const [port, tlsPort] = [await freePort(), await freePort()]
  const url = `ldap://127.0.0.1:${port}`
  const ldapsUrl = `ldaps://127.0.0.1:${tlsPort}`
  const certificates = await makeCertificates(folder.path)
  const configuration = join(folder.path, 'slapd.conf')
  await mkdir(join(folder.path, 'db'))
  await writeFile(configuration, configure(folder.path, certificates))

  const asAdmin = (tool: string, input = ''): Promise<string> =>
    executeOrThrow(
      locate('slapd', tool),
      ['-x', '-H', url, '-D', DIRECTORY.admin.dn, '-w', DIRECTORY.admin.password, '-o', 'nettimeout=2'],
      // Without a configuration of the machine's, whatever that says.
      { input, cwd: folder.path, env: { ...process.env, LDAPNOINIT: '1' }, timeoutMs: 5_000 },
    )

  const server = await runServer({
    name: 'slapd',
    command,
    // -d keeps it in the foreground.
    args: ['-f', configuration, '-h', `${url} ${ldapsUrl}`, '-d', '0'],
    folder,
    probe: () => asAdmin('ldapwhoami'),
  })
  const add = async (ldif: string): Promise<void> => {
    await asAdmin('ldapadd', ldif)
  }
  try {
    await add(`${skeleton(options.lockAfterFailures)}\n${options.ldif ?? ''}`)
  } catch (error) {
    await server.stop()
    throw error
  }
  return { ...server, ...DIRECTORY, url, ldapsUrl, ca: certificates.ca, add }
}
