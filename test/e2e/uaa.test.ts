import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RegistryServer, startRegistry } from '../servers/registry.ts'
import { requires } from '../servers/requirements.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'
import { startUaa, type UaaServer } from '../servers/uaa.ts'
import { clientsOf } from './clients.ts'
import { makeImage } from './image.ts'
import { ADMIN, type LockkeeperServer, startLockkeeper } from './lockkeeper.ts'

const need = requires('uaa', 'openssl', 'registry-2.8', 'docker', 'skopeo')
const JANE = { username: 'jane', password: 'Grüße, 7 Zwerge' }
const BOB = { username: 'bob', password: 'bob-password' }
const LOCKED = { username: 'locked', password: 'right' }
const LOCK_AFTER = 5

const basic = ({ username, password }: typeof JANE) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

describe.skipIf(need.skip)(`people of a UAA${need.note}`, { timeout: 60_000 }, () => {
  let folder: TemporaryFolder
  let uaa: UaaServer
  let lockkeeper: LockkeeperServer
  let registry: RegistryServer
  let image: Awaited<ReturnType<typeof makeImage>>

  const configuration = (clientSecret: string) => {
    const { id: clientId } = uaa.client
    const tls = { ca: { file: uaa.ca } }
    // A UAA on a busy machine takes its time.
    const section = { url: uaa.url, clientId, clientSecret, tls, groups: ['team.*'], timeoutMs: 9_000 }
    // Each login is asked about anew.
    const auth = { modes: ['db_auth', 'uaa_auth'], uaa_auth: section }
    return `lockout: { keepVerifiedSeconds: 0 }\nauth: ${JSON.stringify(auth)}\n`
  }
  const tokenOf = ({ host }: LockkeeperServer, login: typeof JANE) =>
    fetch(`http://${host}/service/token?service=registry`, { headers: { authorization: basic(login) } })

  beforeAll(async () => {
    folder = await temporaryFolder()
    uaa = await startUaa({
      people: [{ ...JANE, groups: ['team.dev'] }, BOB, LOCKED],
      scopes: ['team.dev'],
      lockAfterFailures: LOCK_AFTER,
    })
    lockkeeper = await startLockkeeper(configuration(uaa.client.secret))
    expect(await lockkeeper.run(['check-config'])).toMatchObject({ code: 0 })
    expect(await lockkeeper.run(['project', 'add', 'team'])).toMatchObject({ code: 0 })
    const member = ['member', 'add', 'team', 'team.dev', 'developer', '--group', 'uaa_auth']
    expect(await lockkeeper.run(member)).toMatchObject({ code: 0 })
    const rootcertbundle = join(folder.path, 'keys.pem')
    await writeFile(rootcertbundle, await (await fetch(`http://${lockkeeper.host}/service/keys.pem`)).text())
    const realm = `${lockkeeper.url}/service/token`
    const auth = { realm, service: 'registry', issuer: 'lockkeeper', rootcertbundle }
    registry = await startRegistry({ version: '2.8', auth })
    image = await makeImage(join(folder.path, 'image'), 'hello')
  }, 400_000)
  afterAll(async () => {
    await registry?.stop()
    await lockkeeper?.stop()
    await uaa?.stop()
    await folder?.remove()
  })

  const clients = async () => clientsOf((await temporaryFolder()).path)

  it('docker logs in with their passwords, and not with others', async () => {
    const { docker } = await clients()
    expect((await docker.login(registry.host, JANE)).stdout).toContain('Login Succeeded')
    expect((await docker.login(registry.host, { ...BOB, username: 'BOB' })).stdout).toContain('Login Succeeded')
    for (const wrong of [
      { ...JANE, password: BOB.password },
      { ...JANE, username: 'nobody' },
    ]) {
      expect(await docker.login(registry.host, wrong)).toMatchObject({
        stderr: expect.stringContaining('unauthorized'),
      })
    }
  })

  it('a scope gives its role', async () => {
    const push = async (login: typeof JANE) => {
      const { skopeo } = await clients()
      expect(await skopeo.login(registry.host, login)).toMatchObject({ code: 0 })
      return skopeo.copy(image.layout, `docker://${registry.host}/team/${login.username}:1`)
    }
    expect(await push(JANE)).toMatchObject({ code: 0 })
    expect((await push(BOB)).code).not.toBe(0)
  })

  it('UAA-01: somebody whom UAA locked is refused like anybody else', async () => {
    const [locked, wrong] = [await tokenOf(lockkeeper, LOCKED), await tokenOf(lockkeeper, { ...BOB, password: 'x' })]
    expect([locked.status, wrong.status]).toEqual([200, 401])
    for (let tries = 0; tries < LOCK_AFTER; tries++) {
      const { id, secret } = uaa.client
      const { username } = LOCKED
      const form = { grant_type: 'password', username, password: 'x', client_id: id, client_secret: secret }
      await fetch(`${uaa.plainUrl}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) })
    }
    const { docker } = await clients()
    expect(await docker.login(registry.host, LOCKED)).toMatchObject({ stderr: expect.stringContaining('unauthorized') })
    const answer = await tokenOf(lockkeeper, LOCKED)
    expect([answer.status, await answer.text()]).toEqual([401, await wrong.text()])
    expect(lockkeeper.log()).toContain('"reason":"locked"')
    expect(lockkeeper.log()).not.toContain('too many failed attempts')
  })

  it('UAA-01 and LCK-07: a wrong client secret is 503 for everybody, freezes nobody, and check-config says what to mend', async () => {
    const server = await startLockkeeper(configuration('wrong'), '/healthz')
    for (const login of [JANE, { ...JANE, password: 'x' }, { ...JANE, username: 'nobody' }]) {
      const answer = await tokenOf(server, login)
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    }
    expect(JSON.parse((await server.run(['locks', 'list', '--json'])).stdout)).toEqual([])
    expect((await tokenOf(server, ADMIN)).status).toBe(200)
    expect(await server.run(['check-config'])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/FAIL {2}uaa_auth: .*refuses the client registry; check clientId and clientSecret/),
    })
    await server.stop()
  })

  it('while UAA is gone nobody is refused, and people of other modes come in', async () => {
    await uaa.kill()
    for (const login of [JANE, { ...JANE, password: 'x' }, { ...JANE, username: 'nobody' }]) {
      expect((await tokenOf(lockkeeper, login)).status).toBe(503)
    }
    expect((await tokenOf(lockkeeper, ADMIN)).status).toBe(200)
  })
})
