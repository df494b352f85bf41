import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { oidcAuth } from '@lockkeeper/oidc'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeCertificates } from '../../../test/servers/certificates.ts'
import { requires } from '../../../test/servers/requirements.ts'
import { temporaryFolder } from '../../../test/servers/temporary-folder.ts'
import { CALLBACK } from './house.ts'
import { discoveryOf } from './scripted-provider.ts'

const need = requires('openssl')

describe.skipIf(need.skip)(`a provider whose certificate is of an authority of its own${need.note}`, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let server: ReturnType<typeof createServer>
  let issuer: string
  let ca: string

  beforeAll(async () => {
    folder = await temporaryFolder()
    const files = await makeCertificates(folder.path, ['localhost'])
    ca = readFileSync(files.ca, 'utf8')
    const tls = { cert: readFileSync(files.certificate), key: readFileSync(files.key) }
    server = createServer(tls, (_request, response) => response.end(JSON.stringify(discoveryOf(issuer))))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    issuer = `https://localhost:${typeof address === 'object' ? address?.port : ''}`
  })
  afterAll(async () => {
    server.close()
    await folder.remove()
  })

  const start = (options: object) =>
    oidcAuth({ issuer, clientId: 'lockkeeper', ...options }).externalLogin.start({ callbackUrl: CALLBACK })

  it('is trusted when the operator names that authority', async () => {
    expect((await start({ tls: { ca } })).redirectTo.origin).toBe(issuer)
  })

  it('is not trusted otherwise, and the error says what to do', async () => {
    await expect(start({})).rejects.toMatchObject({
      code: 'ERR_BACKEND_UNAVAILABLE',
      message: expect.stringContaining('tls.ca'),
    })
  })
})
