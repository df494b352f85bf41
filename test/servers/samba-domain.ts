import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { executeOrThrow } from './command.ts'
import { cacheFolder } from './find-command.ts'
import { locate } from './requirements.ts'

/** Arguments of one `samba-tool`, such as `['user', 'create', 'alice', 'alice-secret']`. */
export type SambaCommand = readonly string[]

/** The domain that every controller here serves. */
export const DOMAIN = {
  name: 'ad.example.test',
  netbiosName: 'EXAD',
  host: 'dc1.ad.example.test',
  baseDn: 'DC=ad,DC=example,DC=test',
  admin: { name: 'administrator@ad.example.test', password: 'Adm1n-Passw0rd!' },
} as const

const PROVISION = [
  ...['domain', 'provision', `--realm=${DOMAIN.name.toUpperCase()}`, `--domain=${DOMAIN.netbiosName}`],
  ...['--server-role=dc', '--dns-backend=NONE', '--host-name=dc1', '--host-ip=127.0.0.1'],
  `--adminpass=${DOMAIN.admin.password}`,
]
/** Passwords that a person can read, and a lock after three wrong ones. */
const POLICY = [
  ...['domain', 'passwordsettings', 'set', '--complexity=off', '--min-pwd-length=4', '--min-pwd-age=0'],
  ...['--history-length=0', '--account-lockout-threshold=3'],
]

/** The configuration of a controller that works in `folder` and listens on one address, for LDAP alone. */
export const configure = (folder: string, address: string): string => `
[global]
netbios name = DC1
realm = ${DOMAIN.name.toUpperCase()}
workgroup = ${DOMAIN.netbiosName}
server role = active directory domain controller
server services = ldap
interfaces = ${address}/8
bind interfaces only = yes
private dir = ${folder}/private
state directory = ${folder}/state
cache directory = ${folder}/cache
lock directory = ${folder}/lock
pid directory = ${folder}/run
ncalrpc dir = ${folder}/run/ncalrpc
log file = ${folder}/log.%m
ldap server require strong auth = no
tls keyfile = tls/server.key
tls certfile = tls/server.pem
tls cafile = tls/ca.pem
`

/** Runs samba-tool on the files of a controller; it need not run. */
export async function sambaTool(folder: string, command: SambaCommand): Promise<string> {
  const tool = locate('samba', 'samba-tool')
  return await executeOrThrow(tool, [...command, '-s', join(folder, 'smb.conf')], { cwd: folder })
}

/**
 * The files of a domain on which these commands were run. Making one takes half a minute, so it is kept in the cache of
 * whoever runs the tests, one for each list of commands.
 */
export async function domainFiles(commands: readonly SambaCommand[]): Promise<string> {
  const version = await executeOrThrow(locate('samba'), ['--version'])
  const digest = createHash('sha256').update(JSON.stringify([version, PROVISION, POLICY, commands]))
  const kept = join(cacheFolder, `samba-${digest.digest('hex').slice(0, 16)}`)
  if (existsSync(kept)) return kept
  await mkdir(cacheFolder, { recursive: true })
  const scratch = await mkdtemp(join(cacheFolder, 'samba-build-'))
  try {
    if (commands.length === 0) await provision(scratch)
    else await executeOrThrow('cp', ['-a', `${await domainFiles([])}/.`, scratch])
    await writeFile(join(scratch, 'smb.conf'), configure(scratch, '127.0.0.1'))
    for (const command of commands.length === 0 ? [POLICY] : commands) await sambaTool(scratch, command)
    // Renaming is atomic: nobody ever copies half a domain. Another run may have been faster.
    await rename(scratch, kept).catch((error) => {
      if (!existsSync(kept)) throw error
    })
    return kept
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function provision(folder: string): Promise<void> {
  const network = ['--option=interfaces=127.0.0.1', '--option=bind interfaces only=yes']
  await executeOrThrow(locate('samba', 'samba-tool'), [...PROVISION, `--targetdir=${folder}`, ...network], {
    cwd: folder,
    timeoutMs: 180_000,
  })
  for (const name of ['cache', 'lock', 'run/ncalrpc', 'private/tls'])
    await mkdir(join(folder, name), { recursive: true })
}
