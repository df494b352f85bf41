import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { httpAuth } from '@lockkeeper/authproxy'
import { compose } from '@lockkeeper/compose'
import { serve } from '@lockkeeper/http/node'
import { generateKeys } from '@lockkeeper/registry-token/keys'
import { startAuthProxy } from '../../test/servers/auth-proxy.ts'
import { makeCertificates } from '../../test/servers/certificates.ts'

// A proxy of this example alone, with a certificate of its own.
const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-proxy-'))
const { certificate, key } = await makeCertificates(folder)
const tls = { cert: await readFile(certificate, 'utf8'), key: await readFile(key, 'utf8') }
const proxy = await startAuthProxy({ people: [{ username: 'jane', password: 'jane-secret' }], tls })
await rm(folder, { recursive: true })

// What you would write for yours.
const auth = httpAuth({
  endpoint: proxy.loginUrl,
  tokenReview: { url: proxy.reviewUrl() },
  tls: { ca: tls.cert },
})
await auth.ping?.({ signal: AbortSignal.timeout(10_000) })

const listen = process.argv[2] ?? '127.0.0.1:8080'
const server = compose({
  authenticators: [auth],
  externalUrl: `http://${listen}`,
  tokenOptions: { issuer: 'proxy-example', services: { registry: {} }, keys: await generateKeys() },
})
const listening = await serve(server.handler, { listen })
console.log(`ready: docker login ${listen} -u jane   (password: jane-secret)`)
console.log(`or by a token: docker login ${listen} -u 'tokenreview$jane' -p ${proxy.tokenOf('jane')}`)

process.once('SIGINT', stop).once('SIGTERM', stop)
async function stop() {
  await listening.stop()
  await auth[Symbol.asyncDispose]()
  await proxy.close()
}
