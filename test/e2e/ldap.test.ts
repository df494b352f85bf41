import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { executeOrThrow } from '../servers/command.ts'
import { type RegistryServer, startRegistry } from '../servers/registry.ts'
import { locate, requires } from '../servers/requirements.ts'
import { type SlapdServer, startSlapd } from '../servers/slapd.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'
import { clientsOf } from './clients.ts'
import { makeImage } from './image.ts'
import { ADMIN, type LockkeeperServer, startLockkeeper } from './lockkeeper.ts'

const need = requires('slapd', 'registry-2.8', 'docker', 'skopeo')
const BASE = 'dc=example,dc=test'
const DEVELOPERS = `cn=developers,ou=groups,${BASE}`
/** How long a verified login is good, with the groups it came with; ten seconds by default. */
const KEPT_SECONDS = 2
const JANE = { username: 'jane', password: 'Janes-secret-1' }
const JOE = { username: 'joe', password: 'Joes-secret-1' }
const KIM = { username: 'kim', password: 'kims-password' }

const person = ({ username, password }: typeof JANE) => `
dn: uid=${username},ou=people,${BASE}
objectClass: inetOrgPerson
cn: ${username}
sn: ${username}
mail: ${username}@example.test
userPassword: ${password}
`

describe.skipIf(need.skip)(`people of a directory${need.note}`, () => {
  let folder: TemporaryFolder
  let slapd: SlapdServer
  let lockkeeper: LockkeeperServer
  let registry: RegistryServer
  let image: Awaited<ReturnType<typeof makeImage>>

  beforeAll(async () => {
    folder = await temporaryFolder()
    const group = `\ndn: ${DEVELOPERS}\nobjectClass: groupOfNames\ncn: developers\nmember: uid=jane,ou=people,${BASE}\n`
    slapd = await startSlapd({ ldif: `${person(JANE)}${person(JOE)}${person(KIM)}${group}` })
    lockkeeper = await startLockkeeper(
      `lockout: { keepVerifiedSeconds: ${KEPT_SECONDS} }\nauth: ${JSON.stringify({
        modes: ['db_auth', 'ldap_auth'],
        ldap_auth: {
          url: slapd.ldapsUrl,
          tls: { ca: { file: slapd.ca } },
          baseDn: `ou=people,${BASE}`,
          bindDn: slapd.reader.dn,
          bindPassword: slapd.reader.password,
        },
      })}\n`,
    )
    expect(await lockkeeper.run(['check-config'])).toMatchObject({ code: 0 })
    expect(await lockkeeper.run(['project', 'add', 'team'])).toMatchObject({ code: 0 })
    expect(
      await lockkeeper.run(['member', 'add', 'team', DEVELOPERS, 'developer', '--group', 'ldap_auth']),
    ).toMatchObject({ code: 0 })
    const rootcertbundle = join(folder.path, 'keys.pem')
    await writeFile(rootcertbundle, await (await fetch(`http://${lockkeeper.host}/service/keys.pem`)).text())
    const realm = `${lockkeeper.url}/service/token`
    registry = await startRegistry({
      version: '2.8',
      auth: { realm, service: 'registry', issuer: 'lockkeeper', rootcertbundle },
    })
    image = await makeImage(join(folder.path, 'image'), 'hello')
  }, 120_000)
  afterAll(async () => {
    await registry?.stop()
    await lockkeeper?.stop()
    await slapd?.stop()
    await folder?.remove()
  })

  const clients = async () => clientsOf((await temporaryFolder()).path)
  const pull = async (login: typeof JANE, name: string) => {
    const { skopeo } = await clients()
    expect(await skopeo.login(registry.host, login)).toMatchObject({ code: 0 })
    return skopeo.copy(`docker://${registry.host}/team/${name}:1`, `dir:${(await temporaryFolder()).path}`)
  }
  const push = async (login: typeof JANE, name: string) => {
    const { skopeo } = await clients()
    expect(await skopeo.login(registry.host, login)).toMatchObject({ code: 0 })
    return skopeo.copy(image.layout, `docker://${registry.host}/team/${name}:1`)
  }

  it('docker logs in with their passwords, and not with others', async () => {
    const { docker } = await clients()
    expect((await docker.login(registry.host, JANE)).stdout).toContain('Login Succeeded')
    expect((await docker.login(registry.host, { ...JANE, password: JOE.password })).code).not.toBe(0)
    expect((await docker.login(registry.host, { ...JANE, password: 'x' })).code).not.toBe(0)
  })

  it('a group gives its role, and a change of the group takes effect at the next login that is verified', {
    timeout: 60_000,
  }, async () => {
    const developers = (change: 'add' | 'delete') =>
      executeOrThrow(
        locate('slapd', 'ldapmodify'),
        ['-x', '-H', slapd.url, '-D', slapd.admin.dn, '-w', slapd.admin.password],
        { input: `dn: ${DEVELOPERS}\nchangetype: modify\n${change}: member\nmember: uid=joe,ou=people,${BASE}\n` },
      )
    expect(await push(JANE, 'janes')).toMatchObject({ code: 0 })
    expect((await push(JOE, 'joes')).code).not.toBe(0)
    await developers('add')
    await delay(KEPT_SECONDS * 1_000)
    expect(await push(JOE, 'joes')).toMatchObject({ code: 0 })
    expect(await pull(JOE, 'janes')).toMatchObject({ code: 0 })
    await developers('delete')
    await delay(KEPT_SECONDS * 1_000)
    expect((await push(JOE, 'joes')).code).not.toBe(0)
    expect((await pull(JOE, 'janes')).code).not.toBe(0)
    expect(await pull(JANE, 'joes')).toMatchObject({ code: 0 })
  })

  it('somebody may have a role before the first login', async () => {
    const add = ['member', 'add', 'team', KIM.username, 'guest', '--user', 'ldap_auth']
    expect(await lockkeeper.run(add)).toMatchObject({ code: 0 })
    expect(await pull(KIM, 'janes')).toMatchObject({ code: 0 })
    expect((await push(KIM, 'kims')).code).not.toBe(0)
  })

  it('a directory that is down is 503 for everybody it would have to be asked about, and not for the administrator', async () => {
    await slapd.kill()
    const ask = ({ username, password }: typeof JANE) =>
      fetch(`http://${lockkeeper.host}/service/token?service=registry`, {
        headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
      })
    expect((await ask({ ...JOE, password: 'wrong' })).status).toBe(503)
    expect((await ask({ username: 'nobody', password: 'wrong' })).status).toBe(503)
    expect((await ask(ADMIN)).status).toBe(200)
    await slapd.restart()
    for (let tries = 0; (await ask(JOE)).status !== 200; tries++) {
      expect(tries).toBeLessThan(40)
      await delay(100)
    }
  })
})
