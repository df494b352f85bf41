import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeCertificates } from './certificates.ts'
import { startRegistry } from './registry.ts'
import { requires } from './requirements.ts'
import { temporaryFolder } from './temporary-folder.ts'

const registries = requires('registry-2.8', 'registry-3', 'openssl')
describe.skipIf(registries.skip)(`registries with token authentication${registries.note}`, () => {
  it.each(['2.8', '3'] as const)('challenges with realm and service, and logs why: %s', async (version) => {
    const folder = await temporaryFolder()
    const { ca } = await makeCertificates(folder.path)
    const auth = { realm: 'http://localhost:1/token', service: 'registry', issuer: 'lockkeeper', rootcertbundle: ca }
    const server = await startRegistry({ version, auth })
    const { status, headers } = await fetch(`${server.url}/v2/`, { headers: { authorization: 'Bearer a.b.c' } })
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toMatch(/^Bearer realm="http:\/\/localhost:1\/token",service="registry"/)
    expect(server.log()).toContain('error authorizing context')
    await server.stop()
    await folder.remove()
  })

  it('takes a JWKS in place of certificates: 3', async () => {
    const folder = await temporaryFolder()
    const jwks = join(folder.path, 'jwks.json')
    const key = { kty: 'OKP', crv: 'Ed25519', kid: 'one', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
    await writeFile(jwks, JSON.stringify({ keys: [key] }))
    const auth = { realm: 'http://localhost:1/token', service: 'registry', issuer: 'lockkeeper', jwks }
    const server = await startRegistry({ version: '3', auth: { ...auth, signingalgorithms: ['EdDSA'] } })
    expect((await fetch(`${server.url}/v2/`)).status).toBe(401)
    await server.stop()
    await folder.remove()
  })
})
