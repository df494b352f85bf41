import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A certificate and its key, PEM. */
export interface KeyPair {
  readonly cert: string
  readonly key: string
}

/** Certificates for `localhost` and `127.0.0.1`, made with openssl on the spot. */
export interface Certificates {
  readonly ca: string
  readonly good: KeyPair
  readonly expired: KeyPair
  readonly otherName: KeyPair
  readonly selfSigned: KeyPair
  readonly client: KeyPair
}

export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'certs-'))
  const at = (file: string) => join(folder, file)
  const read = async (name: string): Promise<KeyPair> => ({
    cert: await readFile(at(`${name}.pem`), 'utf8'),
    key: await readFile(at(`${name}.key`), 'utf8'),
  })
  const newKey = (name: string) => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    at(`${name}.key`),
    '-subj',
    `/CN=${name}`,
  ]
  const selfSigned = async (name: string, ...extensions: string[]) => {
    const added = extensions.flatMap((extension) => ['-addext', extension])
    await run('openssl', ['req', '-x509', ...newKey(name), '-days', '2', '-out', at(`${name}.pem`), ...added])
    return read(name)
  }
  const issued = async (name: string, days: string, subjects: string) => {
    await run('openssl', ['req', ...newKey(name), '-out', at(`${name}.csr`)])
    await writeFile(at(`${name}.ext`), `subjectAltName=${subjects}\n`)
    const issuer = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at(`${name}.ext`)]
    await run('openssl', [
      'x509',
      '-req',
      '-in',
      at(`${name}.csr`),
      ...issuer,
      '-days',
      days,
      '-out',
      at(`${name}.pem`),
    ])
    return read(name)
  }
  try {
    const here = 'DNS:localhost,IP:127.0.0.1'
    const { cert: ca } = await selfSigned('ca', 'keyUsage=critical,keyCertSign,cRLSign')
    return {
      ca,
      good: await issued('good', '2', here),
      expired: await issued('expired', '-1', here),
      otherName: await issued('other', '2', 'DNS:backend.test'),
      selfSigned: await selfSigned('self', `subjectAltName=${here}`),
      client: await issued('client', '2', 'DNS:client.test'),
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}
