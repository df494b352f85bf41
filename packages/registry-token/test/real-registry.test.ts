import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SecurityContext } from '@lockkeeper/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RegistryServer, startRegistry } from '../../../test/servers/registry.ts'
import { requires } from '../../../test/servers/requirements.ts'
import type { TokenService } from '../src/issue/contract.ts'
import type { HeaderStyle } from '../src/issue/header-style.ts'
import type { ServiceOptions } from '../src/issue/options.ts'
import { createTokenService } from '../src/issue/token-service.ts'
import { createKeyFolder } from '../src/keys/create-key-folder.ts'
import { openKeyFolder } from '../src/keys/key-folder.ts'
import { registryConfiguration } from '../src/keys/registry-configuration.ts'
import type { SigningKeys } from '../src/keys/signing-keys.ts'
import { adminContext, anonymousContext, policyContext } from './context.ts'

const COMBINATIONS: readonly (ServiceOptions & { readonly version: '2.8' | '3'; readonly headerStyle: HeaderStyle })[] =
  [
    { version: '2.8', headerStyle: 'x5c' },
    { version: '2.8', headerStyle: 'x5c', algorithm: 'RS256' },
    { version: '2.8', headerStyle: 'kid-libtrust' },
    { version: '2.8', headerStyle: 'kid-libtrust', algorithm: 'RS256' },
    { version: '3', headerStyle: 'x5c' },
    { version: '3', headerStyle: 'x5c', algorithm: 'RS256' },
    { version: '3', headerStyle: 'kid-libtrust' },
    { version: '3', headerStyle: 'kid-thumbprint' },
    { version: '3', headerStyle: 'kid-thumbprint', algorithm: 'RS256' },
    { version: '3', headerStyle: 'kid-custom', keyId: '2026-a' },
  ]

let folder: string
let keys: SigningKeys
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockkeeper-real-'))
  await createKeyFolder(join(folder, 'keys'))
  await createKeyFolder(join(folder, 'keys'), { algorithm: 'RS256', rsaBits: 2048 })
  keys = await openKeyFolder(join(folder, 'keys'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const titled = COMBINATIONS.map((combination) => ({ algorithm: 'ES256' as const, ...combination }))
describe.each(titled)('ISS-04: registry $version, $headerStyle, $algorithm', ({ version, ...options }) => {
  const need = requires(`registry-${version}`)

  describe.skipIf(need.skip)(`configured as we print it${need.note}`, () => {
    let service: TokenService
    let registry: RegistryServer
    beforeAll(async () => {
      service = createTokenService({ issuer: 'lockkeeper', services: { 'my-registry': options }, keys })
      const files = { rootCertBundle: join(folder, 'bundle.pem'), jwks: join(folder, 'jwks.json') }
      await writeFile(files.rootCertBundle, service.pemBundle())
      await writeFile(files.jwks, JSON.stringify(service.jwks()))
      const realm = 'https://auth.example.com/service/token'
      const generation = version === '3' ? '3.x' : version
      const printed = registryConfiguration({
        registry: generation,
        realm,
        service: 'my-registry',
        issuer: 'lockkeeper',
        headerStyle: options.headerStyle,
        ...files,
      })
      registry = await startRegistry({ version, auth: readToken(printed) })
    })
    afterAll(() => registry?.stop())

    const ask = async (method: string, path: string, scopes: readonly string[], context: SecurityContext) => {
      const answer = await service.issue({ service: 'my-registry', scopes, context })
      if (answer.outcome !== 'issued') throw new Error(answer.reason)
      const response = await fetch(`${registry.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${answer.token}` },
      })
      await response.body?.cancel()
      return response.status
    }
    const reader = policyContext(['pull repository:team/app'])
    const upload = '/v2/team/app/blobs/uploads/'
    const push = ['repository:team/app:pull,push']

    it('lets a login through', async () => {
      expect(await ask('GET', '/v2/', [], policyContext([]))).toBe(200)
    })

    it('lets a push through to those who may push, and to nobody else', async () => {
      expect(await ask('POST', upload, push, adminContext())).toBe(202)
      expect(await ask('POST', upload, push, reader)).toBe(401)
      expect(await ask('POST', '/v2/team/other/blobs/uploads/', push, adminContext())).toBe(401)
    })

    it('lets a pull through, anonymous ones included; the repository itself is not there', async () => {
      const pull = ['repository:team/app:pull']
      const path = '/v2/team/app/manifests/latest'
      expect(await ask('GET', path, pull, reader)).toBe(404)
      expect(await ask('GET', path, pull, anonymousContext(['pull repository:team/app']))).toBe(404)
      expect(await ask('GET', path, pull, anonymousContext())).toBe(401)
    })

    it('takes a granted * for each action', async () => {
      const all = ['repository:team/app:*']
      expect(await ask('POST', upload, all, adminContext())).toBe(202)
      expect(await ask('DELETE', `/v2/team/app/manifests/sha256:${'0'.repeat(64)}`, all, adminContext())).toBe(404)
    })

    it('lets a mount through when both repositories were asked for', async () => {
      const path = `${upload}?mount=sha256:${'0'.repeat(64)}&from=team/base`
      expect(await ask('POST', path, push, adminContext())).toBe(401)
      expect(await ask('POST', path, [...push, 'repository:team/base:pull'], adminContext())).toBe(202)
    })

    it('shows the catalogue to administrators alone', async () => {
      expect(await ask('GET', '/v2/_catalog', ['registry:catalog:*'], adminContext())).toBe(200)
      expect(await ask('GET', '/v2/_catalog', ['registry:catalog:*'], reader)).toBe(401)
    })
  })
})

/** The `token` part of what was printed; each value is a JSON string. */
function readToken(printed: string) {
  const values = new Map(
    Array.from(printed.matchAll(/^ {4}(\w+): (.*)$/gm), ([, key = '', value = '""']) => [
      key,
      String(JSON.parse(value)),
    ]),
  )
  const { realm = '', service = '', issuer = '', ...files } = Object.fromEntries(values)
  return { realm, service, issuer, ...files }
}
