import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RegistryServer, startRegistry } from '../../../test/servers/registry.ts'
import type { TrustedKeyMaterial } from '../src/verify/trusted-keys.ts'

/** Real registries of one version, one for each thing to trust. */
export interface Registries {
  trusting(material: TrustedKeyMaterial): Promise<RegistryServer>
  stop(): Promise<void>
}

/** Starts registries as they are asked for. They are the service `my-registry` and trust the issuer `lockkeeper`. */
export function trustingRegistries(version: '2.8' | '3'): Registries {
  const started = new Map<string, Promise<RegistryServer>>()
  const folder = mkdtemp(join(tmpdir(), 'lockkeeper-registries-'))

  async function start({ certificates, jwks }: TrustedKeyMaterial): Promise<RegistryServer> {
    const path = join(await folder, String(started.size))
    if (certificates) await writeFile(`${path}.pem`, certificates)
    if (jwks) await writeFile(`${path}.json`, JSON.stringify(jwks))
    const files = { ...(certificates && { rootcertbundle: `${path}.pem` }), ...(jwks && { jwks: `${path}.json` }) }
    const auth = { realm: 'https://auth.example.com/service/token', service: 'my-registry', issuer: 'lockkeeper' }
    return startRegistry({ version, auth: { ...auth, ...files } })
  }

  return {
    trusting(material) {
      const key = JSON.stringify(material)
      const registry = started.get(key) ?? start(material)
      started.set(key, registry)
      return registry
    },
    async stop() {
      await Promise.allSettled(Array.from(started.values(), async (registry) => (await registry).stop()))
      await rm(await folder, { recursive: true, force: true })
    },
  }
}
