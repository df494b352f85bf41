import { createHash, randomBytes } from 'node:crypto'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { type Certificates, makeCertificates } from './certificates.ts'
import { executeOrThrow } from './command.ts'
import { freePort } from './free-port.ts'
import { locate, type Need, requires } from './requirements.ts'
import { type RunningServer, runServer } from './run-server.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A 389 Directory Server of one's own: what FreeIPA is built on. Everybody who has bound may read everything but passwords. */
export interface DirectoryServer extends RunningServer {
  /** `ldap://`, and StartTLS on it. */
  readonly url: string
  /** `ldaps://` with a certificate for 127.0.0.1 and localhost. */
  readonly ldapsUrl: string
  /** The authority to trust, a PEM file. */
  readonly ca: string
  readonly baseDn: string
  readonly admin: { readonly dn: string; readonly password: string }
  /** Adds entries as administrator. */
  add(ldif: string): Promise<void>
}

const BASE_DN = 'dc=example,dc=test'
const ADMIN = { dn: 'cn=Directory Manager', password: 'admin-secret' } as const
const TEMPLATE = '/usr/share/dirsrv/data/template-dse.ldif'

/** A database for the base, the MemberOf plugin, and who may read. */
const SKELETON = `
dn: cn=userroot,cn=ldbm database,cn=plugins,cn=config
objectClass: extensibleObject
objectClass: nsBackendInstance
cn: userroot
nsslapd-suffix: ${BASE_DN}

dn: cn="${BASE_DN}",cn=mapping tree,cn=config
objectClass: extensibleObject
objectClass: nsMappingTree
cn: ${BASE_DN}
nsslapd-state: backend
nsslapd-backend: userroot

dn: cn=MemberOf Plugin,cn=plugins,cn=config
changetype: modify
replace: nsslapd-pluginEnabled
nsslapd-pluginEnabled: on

dn: ${BASE_DN}
objectClass: domain
dc: example
aci: (targetattr != "userPassword")(version 3.0; acl "everybody reads"; allow (read, search, compare) userdn = "ldap:///all";)
aci: (targetattr = "nsUniqueId || entryUUID || memberOf")(version 3.0; acl "and what the server adds"; allow (read, search, compare) userdn = "ldap:///all";)

dn: ou=people,${BASE_DN}
objectClass: organizationalUnit
ou: people

dn: ou=groups,${BASE_DN}
objectClass: organizationalUnit
ou: groups
`

/** Whether a suite can run against a 389 Directory Server: its package lets root alone read what a server starts from. */
export function requiresDirectoryServer(): Need {
  const need = requires('389-ds', 'slapd', 'openssl')
  if (need.skip || process.getuid?.() === 0) return need
  return { skip: true, note: ' (skipped: only root can read /etc/dirsrv)' }
}

/**
 * Starts a 389 Directory Server with the MemberOf plugin, in three seconds.
 *
 * @param options.ldif Entries below `dc=example,dc=test`, added after `ou=people` and `ou=groups`.
 */
export async function startDirectoryServer(options: { readonly ldif?: string } = {}): Promise<DirectoryServer> {
  const folder = await temporaryFolder()
  const [port, tlsPort] = [await freePort(), await freePort()]
  const url = `ldap://127.0.0.1:${port}`
  const ldapsUrl = `ldaps://127.0.0.1:${tlsPort}`
  const { ca } = await prepare(folder.path, port, tlsPort)
  const asAdmin = (tool: string, input = ''): Promise<string> =>
    executeOrThrow(
      locate('slapd', tool),
      ['-x', '-H', url, '-D', ADMIN.dn, '-w', ADMIN.password, '-o', 'nettimeout=2'],
      { input, cwd: folder.path, env: { ...process.env, LDAPNOINIT: '1' }, timeoutMs: 10_000 },
    )
  const server = await runServer({
    name: '389 Directory Server',
    command: locate('389-ds'),
    args: ['-D', join(folder.path, 'config'), '-i', join(folder.path, 'run', 'pid'), '-d', '0'],
    folder,
    probe: () => asAdmin('ldapwhoami'),
  })
  const add = async (ldif: string): Promise<void> => {
    await asAdmin('ldapadd', ldif)
  }
  try {
    await add(SKELETON)
    // A plugin is switched on by a restart.
    await server.restart()
    await add(options.ldif ?? '')
  } catch (error) {
    await server.stop()
    throw error
  }
  return { ...server, url, ldapsUrl, ca, baseDn: BASE_DN, admin: ADMIN, add }
}

/** Fills the package's own template, as its installer does, with folders of ours, and turns TLS on. */
async function prepare(folder: string, port: number, tlsPort: number): Promise<Certificates> {
  const values: Readonly<Record<string, string>> = {
    ds_passwd: hashed(ADMIN.password),
    ds_port: String(port),
    ds_suffix: BASE_DN,
    ds_user: userInfo().username,
    fqdn: 'localhost',
    rootdn: ADMIN.dn,
    ldapi: join(folder, 'ldapi'),
    ldapi_enabled: 'off',
    ldapi_autobind: 'off',
    db_lib: 'bdb',
  }
  const template = await readFile(TEMPLATE, 'utf8')
  // The server insists on this place for its schema.
  const placeOf = (name: string): string => join(folder, name === 'schema' ? 'config/schema' : name)
  for (const [, name = ''] of template.matchAll(/%(\w+)_dir%/g)) await mkdir(placeOf(name), { recursive: true })
  const filled = template
    .replace(/%(\w+)_dir%/g, (_, name) => placeOf(name))
    .replace(/%(\w+)%/g, (whole, name) => values[name] ?? whole)
    .replace(/^nsslapd-certdir: /m, `nsslapd-security: on\nnsslapd-securePort: ${tlsPort}\n$&`)
  await writeFile(join(folder, 'config', 'dse.ldif'), filled)
  await copyFile('/etc/dirsrv/schema/99user.ldif', join(folder, 'config', 'schema', '99user.ldif'))
  for (const name of ['certmap.conf', 'slapd-collations.conf']) {
    await copyFile(join('/etc/dirsrv/config', name), join(folder, 'config', name))
  }
  const certificates = await makeCertificates(folder)
  await keep(certificates, folder, placeOf('cert'))
  return certificates
}

/** This server reads certificates from a database of its own; the template calls the one it shows `Server-Cert`. */
async function keep({ ca, certificate, key }: Certificates, folder: string, database: string): Promise<void> {
  const bundle = join(folder, 'server.p12')
  const within = ['-d', `sql:${database}`]
  const certutil = (...args: readonly string[]) => executeOrThrow(locate('389-ds', 'certutil'), [...args, ...within])
  await certutil('-N', '--empty-password')
  await certutil('-A', '-n', 'authority', '-t', 'CT,,', '-i', ca)
  await executeOrThrow(locate('openssl'), [
    ...['pkcs12', '-export', '-name', 'Server-Cert', '-passout', 'pass:'],
    ...['-inkey', key, '-in', certificate, '-out', bundle],
  ])
  await executeOrThrow(locate('389-ds', 'pk12util'), ['-i', bundle, '-W', '', ...within])
}

/** The server takes no administrator's password in clear from its configuration. */
function hashed(password: string): string {
  const salt = randomBytes(8)
  const digest = createHash('sha512').update(password).update(salt).digest()
  return `{SSHA512}${Buffer.concat([digest, salt]).toString('base64')}`
}
