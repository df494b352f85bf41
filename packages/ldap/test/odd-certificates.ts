import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Certificates } from '../../../test/servers/certificates.ts'
import { executeOrThrow } from '../../../test/servers/command.ts'
import { locate } from '../../../test/servers/requirements.ts'
import { temporaryFolder } from '../../../test/servers/temporary-folder.ts'

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout']

/** A certificate that has something wrong with it. `days` below zero is one that has expired; not for self-signed ones. */
export async function oddCertificates(options: {
  /** As in `DNS:localhost`, `IP:127.0.0.1`. */
  readonly subject: string
  readonly days?: number
  /** It vouches for itself; `ca` is then an authority that never saw it. */
  readonly selfSigned?: boolean
}): Promise<Certificates> {
  const { path } = await temporaryFolder()
  const openssl = (...args: readonly string[]) => executeOrThrow(locate('openssl'), args, { cwd: path })
  const days = String(options.days ?? 2)
  const names = `subjectAltName=${options.subject}`
  await openssl('req', '-x509', ...KEY, 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=odd authority')
  if (options.selfSigned) {
    await openssl('req', '-x509', ...KEY, 's.key', '-out', 's.pem', '-days', days, '-subj', '/CN=odd', '-addext', names)
  } else {
    await writeFile(join(path, 's.ext'), names)
    await openssl('req', ...KEY, 's.key', '-out', 's.csr', '-subj', '/CN=odd')
    const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial']
    await openssl('x509', '-req', '-in', 's.csr', ...signer, '-days', days, '-extfile', 's.ext', '-out', 's.pem')
  }
  return { ca: join(path, 'ca.pem'), certificate: join(path, 's.pem'), key: join(path, 's.key') }
}
