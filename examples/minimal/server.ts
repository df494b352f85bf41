import { compose } from '@lockkeeper/compose'
import { memoryAccounts } from '@lockkeeper/core'
import { createPasswordHasher, dbAuth } from '@lockkeeper/db-auth'
import { serve } from '@lockkeeper/http/node'
import { generateKeys } from '@lockkeeper/registry-token/keys'

// One person, kept in memory.
const accounts = memoryAccounts()
await accounts.add({ username: 'ann', password: await createPasswordHasher().hash('correct horse') })

const listen = process.argv[2] ?? '127.0.0.1:8080'
const server = compose({
  authenticators: [dbAuth({ passwords: accounts })],
  accountStore: accounts,
  externalUrl: `http://${listen}`,
  tokenOptions: { issuer: 'minimal', services: { registry: {} }, keys: await generateKeys() },
})
await serve(server.handler, { listen })
console.log(`ready: docker login ${listen} -u ann   (password: correct horse)`)
