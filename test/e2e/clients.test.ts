import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Finished } from '../servers/command.ts'
import { type RegistryServer, startRegistry } from '../servers/registry.ts'
import { requires } from '../servers/requirements.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'
import { clientsOf } from './clients.ts'
import { makeImage, type TinyImage } from './image.ts'

/** What a client printed, or the whole failure, so that a red test shows why. */
const printed = ({ code, stdout, stderr }: Finished): string => (code === 0 ? stdout : `exit ${code}: ${stderr}`)
const anybody = { username: 'anybody', password: 'anything' }

describe.each(['2.8', '3'] as const)('the clients against an open registry %s', (version) => {
  const registryNeed = requires(`registry-${version}`)
  let registry: RegistryServer
  let folder: TemporaryFolder
  let image: TinyImage
  beforeAll(async () => {
    if (registryNeed.skip) return
    registry = await startRegistry({ version })
    folder = await temporaryFolder()
    image = await makeImage(join(folder.path, 'image'), `made for ${version}`)
  })
  afterAll(async () => {
    await registry?.stop()
    await folder?.remove()
  })
  const newPerson = async () => clientsOf(await mkdtemp(join(folder.path, 'home-')))

  const docker = requires(`registry-${version}`, 'docker')
  it.skipIf(docker.skip)(`docker logs in and out without an engine${docker.note}`, async () => {
    const { docker } = await newPerson()
    expect(printed(await docker.login(registry.host, anybody))).toContain('Login Succeeded')
    expect(printed(await docker.logout(registry.host))).toContain('Removing login credentials')
  })

  const skopeo = requires(`registry-${version}`, 'skopeo')
  it.skipIf(skopeo.skip)(`skopeo pushes, mounts, pulls, lists and deletes${skopeo.note}`, async () => {
    const { skopeo } = await newPerson()
    const [app, copy] = [`docker://${registry.host}/skopeo/app`, `docker://${registry.host}/skopeo/copy`]
    expect(printed(await skopeo.login(registry.host, anybody))).toContain('Login Succeeded')
    expect(printed(await skopeo.copy(image.layout, `${app}:1`))).toContain('Writing manifest')
    expect(JSON.parse(printed(await skopeo.inspect(`${app}:1`)))).toMatchObject({ Digest: image.digest })
    await skopeo.copy(`${app}:1`, `${copy}:1`)
    expect(registry.log()).toMatch(
      /POST \/v2\/skopeo\/copy\/blobs\/uploads\/\?from=skopeo%2Fapp&mount=\S+ HTTP\/1.1" 201/,
    )
    expect(printed(await skopeo.copy(`${copy}:1`, `dir:${join(folder.path, 'pulled')}`))).toContain('Writing manifest')
    expect(JSON.parse(printed(await skopeo.listTags(app)))).toMatchObject({ Tags: ['1'] })
    expect((await skopeo.delete(`${app}:1`)).code).toBe(0)
    expect((await skopeo.inspect(`${app}:1`)).code).not.toBe(0)
    expect(printed(await skopeo.logout(registry.host))).toContain('Removed login credentials')
  })

  const crane = requires(`registry-${version}`, 'crane')
  it.skipIf(crane.skip)(`crane pushes, mounts, lists and deletes${crane.note}`, async () => {
    const { crane } = await newPerson()
    const [app, copy] = [`${registry.host}/crane/app`, `${registry.host}/crane/copy`]
    expect((await crane.login(registry.host, anybody)).stderr).toContain('logged in')
    expect(printed(await crane.append(image.layerFile, `${app}:1`))).toMatch(/@sha256:\w{64}\n$/)
    expect((await crane.cp(`${app}:1`, `${copy}:1`)).stderr).toContain('mounted blob')
    expect(printed(await crane.ls(copy))).toBe('1\n')
    expect(printed(await crane.catalog(registry.host))).toContain('crane/app\ncrane/copy\n')
    const digest = printed(await crane.digest(`${copy}:1`)).trim()
    expect((await crane.delete(`${copy}@${digest}`)).code).toBe(0)
    expect((await crane.digest(`${copy}:1`)).code).not.toBe(0)
    expect((await crane.logout(registry.host)).stderr).toContain('logged out')
  })

  const oras = requires(`registry-${version}`, 'oras')
  it.skipIf(oras.skip)(`oras pushes, pulls, copies, lists and deletes${oras.note}`, async () => {
    const { oras } = await newPerson()
    const [app, copy] = [`${registry.host}/oras/app:1`, `${registry.host}/oras/copy:1`]
    const note = join(folder.path, 'note.txt')
    await writeFile(note, 'a note')
    expect(printed(await oras.login(registry.host, anybody))).toContain('Login Succeeded')
    expect(printed(await oras.push(app, note))).toContain('Pushed')
    expect(printed(await oras.pull(app, join(folder.path, 'got')))).toContain('Pulled')
    expect(await readFile(join(folder.path, 'got', 'note.txt'), 'utf8')).toBe('a note')
    expect(printed(await oras.cp(app, copy))).toContain('Copied')
    expect(printed(await oras.repoLs(registry.host))).toContain('oras/app\noras/copy\n')
    expect(printed(await oras.delete(copy))).toContain('Deleted')
    expect((await oras.pull(copy, folder.path)).code).not.toBe(0)
    expect((await oras.logout(registry.host)).code).toBe(0)
  })
})

describe('the clients of a person', () => {
  const need = requires('registry-2.8', 'docker', 'skopeo')
  it.skipIf(need.skip)(`keep their logins in their own home and apart from other people's${need.note}`, async () => {
    const registry = await startRegistry({ version: '2.8' })
    const [jane, joan] = [await temporaryFolder(), await temporaryFolder()]
    await clientsOf(jane.path).docker.login(registry.host, anybody)
    await clientsOf(jane.path).skopeo.login(registry.host, anybody)
    expect(await readFile(join(jane.path, 'docker', 'config.json'), 'utf8')).toContain(registry.host)
    expect(await readFile(join(jane.path, 'skopeo.json'), 'utf8')).toContain(registry.host)
    expect((await clientsOf(joan.path).skopeo.logout(registry.host)).code).not.toBe(0)
    await Promise.all([registry.stop(), jane.remove(), joan.remove()])
  })
})
