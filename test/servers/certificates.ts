import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { executeOrThrow } from './command.ts'
import { locate } from './requirements.ts'

/** Paths of PEM files: the certificate of a fresh authority, and a key with the certificate that it issued. */
export interface Certificates {
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** Makes a certificate authority and a server certificate for 127.0.0.1 and `names`, valid for two days. */
export async function makeCertificates(
  folder: string,
  names: readonly string[] = ['localhost'],
): Promise<Certificates> {
  const file = (name: string): string => join(folder, name)
  const openssl = (...args: readonly string[]): Promise<string> =>
    executeOrThrow(locate('openssl'), args, { cwd: folder })
  const subjects = ['IP:127.0.0.1', ...names.map((name) => `DNS:${name}`)]
  await writeFile(file('server.ext'), `subjectAltName=${subjects.join(',')}\n`)
  await openssl(
    ...['req', '-x509', ...NEW_KEY, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=test authority'],
    ...['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
  )
  await openssl(
    'req',
    ...NEW_KEY,
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
    '-subj',
    `/CN=${names[0] ?? 'server'}`,
  )
  await openssl(
    ...['x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-days', '2', '-out', 'server.pem', '-extfile', 'server.ext'],
  )
  return { ca: file('ca.pem'), certificate: file('server.pem'), key: file('server.key') }
}
