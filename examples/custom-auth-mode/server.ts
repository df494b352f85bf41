import { fileURLToPath } from 'node:url'
import { compose } from '@lockkeeper/compose'
import { serve } from '@lockkeeper/http/node'
import { generateKeys } from '@lockkeeper/registry-token/keys'
import { htpasswdAuth } from './htpasswd-auth.ts'

const listen = process.argv[2] ?? '127.0.0.1:8080'
const server = compose({
  authenticators: [htpasswdAuth({ file: fileURLToPath(new URL('./people.htpasswd', import.meta.url)) })],
  externalUrl: `http://${listen}`,
  tokenOptions: { issuer: 'example', services: { registry: {} }, keys: await generateKeys() },
})
await serve(server.handler, { listen })
console.log(`ready: docker login ${listen} -u jane   (password: open sesame)`)
