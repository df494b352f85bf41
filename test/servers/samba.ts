import { randomInt } from 'node:crypto'
import { chmod, copyFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { makeCertificates } from './certificates.ts'
import { claim } from './claim.ts'
import { executeOrThrow } from './command.ts'
import { locate, type Need, type RequirementName, requires } from './requirements.ts'
import { type RunningServer, runServer } from './run-server.ts'
import { configure, DOMAIN, domainFiles, type SambaCommand, sambaTool } from './samba-domain.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** What is in the domain at first. */
export interface SambaOptions {
  /** Run once, when the domain is made: `['user', 'create', 'alice', 'alice-secret']`. */
  readonly commands?: readonly SambaCommand[]
  /** Its clock is ahead by so many days. Needs `faketime`. */
  readonly daysAhead?: number
}

/** An Active Directory of one's own. Its ports are those that every Active Directory has; its address is its own. */
export interface SambaServer extends RunningServer {
  /** `ldap://`, and StartTLS on it. */
  readonly url: string
  /** `ldaps://` with a certificate for `host`. */
  readonly ldapsUrl: string
  /** The global catalog over TLS. */
  readonly catalogUrl: string
  /** The name the certificate is for. */
  readonly host: string
  /** The authority to trust, a PEM file. */
  readonly ca: string
  readonly name: string
  readonly netbiosName: string
  readonly baseDn: string
  readonly admin: { readonly name: string; readonly password: string }
  /** Runs samba-tool on the domain. */
  tool(...command: SambaCommand): Promise<string>
}

/** Whether a suite can run against Samba, with whatever else it needs: a domain can be made by root alone. */
export function requiresSamba(...more: readonly RequirementName[]): Need {
  const need = requires('samba', 'openssl', ...more)
  if (need.skip || process.getuid?.() === 0) return need
  return { skip: true, note: ' (skipped: only root can make a domain)' }
}

/** Starts a Samba domain controller, in a second; in half a minute when its domain has to be made first. */
export async function startSamba(options: SambaOptions = {}): Promise<SambaServer> {
  const files = await domainFiles(options.commands ?? [])
  const folder = await temporaryFolder()
  await executeOrThrow('cp', ['-a', `${files}/.`, folder.path])
  const address = await freeAddress()
  await writeFile(join(folder.path, 'smb.conf'), configure(folder.path, address))
  const certificates = await makeCertificates(folder.path, [DOMAIN.host])
  const tls = join(folder.path, 'private', 'tls')
  await copyFile(certificates.ca, join(tls, 'ca.pem'))
  await copyFile(certificates.certificate, join(tls, 'server.pem'))
  await copyFile(certificates.key, join(tls, 'server.key'))
  await chmod(join(tls, 'server.key'), 0o600)

  const server = await runServer({
    name: 'Samba',
    command: locate('samba'),
    args: ['-i', '-M', 'single', '-s', join(folder.path, 'smb.conf')],
    folder,
    env: options.daysAhead === undefined ? {} : ahead(options.daysAhead),
    probe: () => bindAnonymously(address),
  })
  return {
    ...server,
    ...DOMAIN,
    url: `ldap://${address}`,
    ldapsUrl: `ldaps://${address}`,
    catalogUrl: `ldaps://${address}:3269`,
    ca: certificates.ca,
    tool: (...command) => sambaTool(folder.path, command),
  }
}

/** What makes a program believe that it is later. Intervals are as long as ever, or its timers would never end. */
const ahead = (days: number): Readonly<Record<string, string>> => ({
  // The loader puts the folder of this machine's libraries in.
  LD_PRELOAD: '/usr/$LIB/faketime/libfaketime.so.1',
  FAKETIME: `+${days}d`,
  DONT_FAKE_MONOTONIC: '1',
  FAKETIME_DISABLE_SHM: '1',
})

/** A loopback address that no other test run on this machine uses. */
async function freeAddress(): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    const address = `127.77.${randomInt(256)}.${randomInt(1, 255)}`
    if ((await claim(`address-${address}`)) !== undefined) return address
  }
  throw new Error('found no free loopback address in 100 tries')
}

/** One bind as nobody, by hand: the controller listens before it answers. */
function bindAnonymously(address: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket = connect(389, address, () => socket.write(Buffer.from('300c020101600702010304008000', 'hex')))
  socket.setTimeout(2_000, () => socket.destroy(new Error('no answer to a bind')))
  socket.once('error', reject).once('close', () => reject(new Error('hung up')))
  socket.once('data', () => {
    resolve()
    socket.destroy()
  })
  return promise
}
