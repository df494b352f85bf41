import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RegistryServer, startRegistry } from '../servers/registry.ts'
import { requires } from '../servers/requirements.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'
import { type Clients, clientsOf } from './clients.ts'
import { makeImage } from './image.ts'
import { ADMIN, type LockkeeperServer, startLockkeeper } from './lockkeeper.ts'

const DEVELOPER = { username: 'dev', password: 'Developers-push-1' }
const GUEST = { username: 'gus', password: 'Guests-only-pull-1' }
const STRANGER = { username: 'sam', password: 'Strangers-see-none-1' }

// Every generation of registry with each way that it can be told to trust our keys.
const REGISTRIES = [
  { title: 'registry 2.8, rootcertbundle', version: '2.8', trust: 'rootcertbundle', style: 'x5c' },
  { title: 'registry 3, rootcertbundle', version: '3', trust: 'rootcertbundle', style: 'x5c' },
  { title: 'registry 3, jwks', version: '3', trust: 'jwks', style: 'kid-thumbprint' },
] as const

for (const { title, version, trust, style } of REGISTRIES) {
  const need = requires(version === '3' ? 'registry-3' : 'registry-2.8', 'docker', 'skopeo', 'crane', 'oras')

  describe.skipIf(need.skip)(`real clients against ${title}${need.note}`, () => {
    let folder: TemporaryFolder
    let lockkeeper: LockkeeperServer
    let registry: RegistryServer
    let image: Awaited<ReturnType<typeof makeImage>>
    let people = 0

    beforeAll(async () => {
      folder = await temporaryFolder()
      lockkeeper = await startLockkeeper(`tokens: { services: { registry: { headerStyle: ${style} } } }\n`)
      for (const { username, password } of [DEVELOPER, GUEST, STRANGER]) await lockkeeper.addUser(username, password)
      for (const words of [
        ['project', 'add', 'team'],
        ['project', 'add', 'open', '--public'],
        ['member', 'add', 'team', DEVELOPER.username, 'developer'],
        ['member', 'add', 'open', DEVELOPER.username, 'developer'],
        ['member', 'add', 'team', GUEST.username, 'guest'],
      ]) {
        expect(await lockkeeper.run(words)).toMatchObject({ code: 0 })
      }
      registry = await startRegistry({
        version,
        auth: {
          realm: `${lockkeeper.url}/service/token`,
          service: 'registry',
          issuer: 'lockkeeper',
          [trust]: await publishedKeys(trust),
        },
      })
      image = await makeImage(join(folder.path, 'image'), 'hello')
    }, 120_000)

    afterAll(async () => {
      await registry?.stop()
      await lockkeeper?.stop()
      await folder?.remove()
    })

    async function publishedKeys(kind: 'rootcertbundle' | 'jwks'): Promise<string> {
      const path = kind === 'jwks' ? '/.well-known/jwks.json' : '/service/keys.pem'
      const file = join(folder.path, kind)
      await writeFile(file, await (await fetch(`http://${lockkeeper.host}${path}`)).text())
      return file
    }

    /** Clients of a person: logged in with every one of them, or nobody. */
    async function person(login?: { username: string; password: string }): Promise<Clients> {
      const home = await temporaryFolder()
      const clients = clientsOf(home.path)
      if (login) {
        for (const client of [clients.skopeo, clients.crane, clients.oras]) {
          expect(await client.login(registry.host, login)).toMatchObject({ code: 0 })
        }
      }
      return clients
    }

    const repository = (project: string) => `${registry.host}/${project}/app-${++people}`

    it('docker logs in with the right password, and not with a wrong one', async () => {
      const { docker } = await person()
      const right = await docker.login(registry.host, DEVELOPER)
      expect(right.stdout).toContain('Login Succeeded')
      const wrong = await docker.login(registry.host, { ...DEVELOPER, password: 'wrong' })
      expect(wrong.code).not.toBe(0)
      expect(wrong.stderr).toContain('unauthorized')
    })

    it('skopeo, oras: a wrong password does not log in', async () => {
      const { skopeo, oras } = await person()
      for (const client of [skopeo, oras]) {
        expect((await client.login(registry.host, { ...STRANGER, password: 'wrong' })).code).not.toBe(0)
      }
    })

    it('a developer pushes and pulls with skopeo, crane and oras', async () => {
      const { skopeo, crane, oras } = await person(DEVELOPER)
      const name = repository('team')
      expect(await skopeo.copy(image.layout, `docker://${name}:skopeo`)).toMatchObject({ code: 0 })
      expect(await skopeo.inspect(`docker://${name}:skopeo`)).toMatchObject({ code: 0 })
      expect(await crane.append(image.layerFile, `${name}:crane`)).toMatchObject({ code: 0 })
      expect((await crane.ls(name)).stdout).toContain('crane')
      await writeFile(join(folder.path, 'note.txt'), 'a note')
      expect(await oras.push(`${name}:oras`, join(folder.path, 'note.txt'))).toMatchObject({ code: 0 })
      expect(await oras.pull(`${name}:oras`, join(folder.path, `pulled-${people}`))).toMatchObject({ code: 0 })
    })

    it('a guest pulls, and is refused to push', async () => {
      const owner = await person(DEVELOPER)
      const name = repository('team')
      expect(await owner.crane.append(image.layerFile, `${name}:1`)).toMatchObject({ code: 0 })

      const { skopeo, crane, oras } = await person(GUEST)
      expect(await skopeo.copy(`docker://${name}:1`, `dir:${join(folder.path, `guest-${people}`)}`)).toMatchObject({
        code: 0,
      })
      expect(await crane.digest(`${name}:1`)).toMatchObject({ code: 0 })
      expect((await skopeo.copy(image.layout, `docker://${name}:2`)).code).not.toBe(0)
      expect((await crane.append(image.layerFile, `${name}:2`)).code).not.toBe(0)
      expect((await oras.push(`${name}:2`, image.layerFile)).code).not.toBe(0)
      expect((await crane.ls(name)).stdout.trim()).toBe('1')
    })

    it('nobody and a stranger pull from a public project, and from no other', async () => {
      const owner = await person(DEVELOPER)
      const [open, team] = [repository('open'), repository('team')]
      for (const name of [open, team])
        expect(await owner.crane.append(image.layerFile, `${name}:1`)).toMatchObject({ code: 0 })

      for (const clients of [await person(), await person(STRANGER)]) {
        const { skopeo, crane, oras } = clients
        expect(await crane.digest(`${open}:1`)).toMatchObject({ code: 0 })
        expect(await skopeo.inspect(`docker://${open}:1`)).toMatchObject({ code: 0 })
        expect(await oras.pull(`${open}:1`, join(folder.path, `open-${++people}`))).toMatchObject({ code: 0 })
        expect((await crane.digest(`${team}:1`)).code).not.toBe(0)
        expect((await skopeo.inspect(`docker://${team}:1`)).code).not.toBe(0)
        expect((await crane.append(image.layerFile, `${open}:2`)).code).not.toBe(0)
      }
    })

    it('a blob is mounted from one repository into another', async () => {
      const { skopeo, crane, oras } = await person(DEVELOPER)
      const [from, to] = [repository('team'), repository('open')]
      expect(await skopeo.copy(image.layout, `docker://${from}:1`)).toMatchObject({ code: 0 })
      expect(await crane.cp(`${from}:1`, `${to}:crane`)).toMatchObject({ code: 0 })
      expect(await oras.cp(`${from}:1`, `${to}:oras`)).toMatchObject({ code: 0 })
      expect(await skopeo.copy(`docker://${from}:1`, `docker://${to}:skopeo`)).toMatchObject({ code: 0 })
      expect(registry.log()).toMatch(/POST \/v2\/open\/[^ ]+mount=[^ ]+ HTTP\/1.1" 201/)
    })

    it('the catalog is for administrators', async () => {
      const owner = await person(DEVELOPER)
      expect(await owner.crane.append(image.layerFile, `${repository('team')}:1`)).toMatchObject({ code: 0 })
      expect((await owner.crane.catalog(registry.host)).code).not.toBe(0)
      const { crane, oras } = await person(ADMIN)
      expect((await crane.catalog(registry.host)).stdout).toContain('team/')
      expect((await oras.repoLs(registry.host)).stdout).toContain('team/')
    })

    it('an administrator deletes, a developer does not', async () => {
      const owner = await person(DEVELOPER)
      const name = repository('team')
      expect(await owner.skopeo.copy(image.layout, `docker://${name}:1`)).toMatchObject({ code: 0 })
      expect((await owner.skopeo.delete(`docker://${name}:1`)).code).not.toBe(0)
      expect((await owner.oras.delete(`${name}:1`)).code).not.toBe(0)
      const { skopeo } = await person(ADMIN)
      expect(await skopeo.delete(`docker://${name}:1`)).toMatchObject({ code: 0 })
    })
  })
}
