import { compose } from '@lockkeeper/compose'
import { memoryAccounts } from '@lockkeeper/core'
import { serve } from '@lockkeeper/http/node'
import { memoryProjects } from '@lockkeeper/rbac'
import { generateKeys } from '@lockkeeper/registry-token/keys'
import { uaaAuth } from '@lockkeeper/uaa'
import { startUaaStandIn } from '../../test/servers/uaa-stand-in.ts'

// A UAA of this example alone: two people, one of whom may have the scope team.dev.
const standIn = await startUaaStandIn({
  people: [
    { username: 'jane', password: 'jane-secret', scopes: ['openid', 'team.dev'] },
    { username: 'joan', password: 'joan-secret', scopes: ['openid'] },
  ],
})

// What you would write for yours, with its https URL and without insecureAllowPlaintext.
const uaa = uaaAuth({
  url: standIn.url,
  clientId: standIn.client.id,
  clientSecret: standIn.client.secret,
  groups: ['team.*'],
  insecureAllowPlaintext: true,
})
await uaa.ping?.({ signal: AbortSignal.timeout(10_000) })

// The scope may push to one project (role 2 is developer); nobody else sees it.
const accounts = memoryAccounts()
const [team = 0] = await accounts.groupIds('uaa_auth', [{ key: 'team.dev' }])

const listen = process.argv[2] ?? '127.0.0.1:8080'
const server = compose({
  authenticators: [uaa],
  accountStore: accounts,
  projects: memoryProjects([{ name: 'shop', groups: { [team]: 2 } }]),
  externalUrl: `http://${listen}`,
  tokenOptions: { issuer: 'uaa-example', services: { registry: {} }, keys: await generateKeys() },
})
const listening = await serve(server.handler, { listen })
console.log(`ready: docker login ${listen} -u jane   (password: jane-secret)`)

process.once('SIGINT', stop).once('SIGTERM', stop)
async function stop() {
  await listening.stop()
  await uaa[Symbol.asyncDispose]()
  await standIn.close()
}
