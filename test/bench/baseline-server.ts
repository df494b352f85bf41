// A bare server that signs one registry token per request and does nothing else.
// usage: node baseline-server.ts ES256|RS256 main|pool
import { createPrivateKey, generateKeyPairSync, randomBytes, type SignKeyObjectInput, sign } from 'node:crypto'
import { createServer } from 'node:http'
import { promisify } from 'node:util'
import { reportEventLoopDelay } from './event-loop.ts'

const [algorithm, where] = process.argv.slice(2)
const pair =
  algorithm === 'RS256'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key: SignKeyObjectInput = {
  key: createPrivateKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })),
  dsaEncoding: 'ieee-p1363',
}
const signOnPool = promisify<string, Buffer, SignKeyObjectInput, Buffer>(sign)
// As long as the header of the server under test: a certificate chain makes most of it.
const header = base64url({ alg: algorithm, typ: 'JWT', kid: 'x'.repeat(59), x5c: ['x'.repeat(600)] })

const server = createServer(async (_request, response) => {
  const now = Math.floor(Date.now() / 1000)
  const input = `${header}.${base64url({
    iss: 'lockkeeper',
    sub: '',
    aud: 'registry',
    exp: now + 300,
    nbf: now - 30,
    iat: now,
    jti: randomBytes(16).toString('base64url'),
    access: [{ type: 'repository', name: 'library/app', actions: ['pull'] }],
  })}`
  const bytes = Buffer.from(input)
  const signature = where === 'pool' ? await signOnPool('sha256', bytes, key) : sign('sha256', bytes, key)
  const token = `${input}.${signature.toString('base64url')}`
  response.setHeader('content-type', 'application/json')
  response.end(
    JSON.stringify({ token, access_token: token, expires_in: 300, issued_at: new Date(now * 1000).toISOString() }),
  )
})

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') process.send?.({ url: `http://127.0.0.1:${address.port}/` })
})
reportEventLoopDelay()

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
