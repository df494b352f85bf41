import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requires } from '../servers/requirements.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'
import { clientsOf } from './clients.ts'
import { ADMIN, type LockkeeperServer, startLockkeeper } from './lockkeeper.ts'

describe('the server alone', () => {
  const need = requires('docker')
  let server: LockkeeperServer

  beforeAll(async () => {
    server = await startLockkeeper()
    await server.addUser('dev', 'Developers-push-1')
    await server.run(['project', 'add', 'team'])
    await server.run(['member', 'add', 'team', 'dev', 'developer'])
  }, 60_000)
  afterAll(() => server?.stop())

  async function token(scope: string, login?: { username: string; password: string }): Promise<Response> {
    const query = new URLSearchParams({ service: 'registry', scope })
    const basic = login && Buffer.from(`${login.username}:${login.password}`).toString('base64')
    return fetch(`http://${server.host}/service/token?${query}`, {
      headers: basic ? { authorization: `Basic ${basic}` } : {},
    })
  }

  it.skipIf(need.skip)(`docker logs in without any registry${need.note}`, async () => {
    const home = await temporaryFolder()
    const { docker } = clientsOf(home.path)
    expect((await docker.login(server.host, ADMIN)).stdout).toContain('Login Succeeded')
    expect((await docker.login(server.host, { ...ADMIN, password: 'wrong' })).code).not.toBe(0)
    await home.remove()
  })

  it('ISS-01: a token asked for pull never carries push', async () => {
    const developer = { username: 'dev', password: 'Developers-push-1' }
    for (const login of [developer, ADMIN]) {
      const { access_token } = (await (await token('repository:team/app:pull', login)).json()) as {
        access_token: string
      }
      const claims = JSON.parse(Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString())
      expect(claims.access).toEqual([{ type: 'repository', name: 'team/app', actions: ['pull'] }])
    }
  })

  it('ISS-02: a scope that is none is 400 with an errors body, and the process stays alive', async () => {
    for (const scope of [
      'repository:team/app:latest:pull',
      'repository:ex.com:port/app:pull',
      'repository:[::1]:5000/app:pull',
      'repository:Team/App:pull',
      'repository:team//app:pull',
      'repository:/team/app:pull',
      'repository:team/app/:pull',
      'repository:a___b:pull',
      'repository:-app:pull',
      'repository:team/*:pull',
      'repository:a/b:pull,repository:c/d:pull',
      'repository:team/app:pull, push',
      'Repository:team/app:pull',
      'repository(:team/app:pull',
      ':team/app:pull',
      'repository:pull',
      `repository:${'a'.repeat(256)}:pull`,
      'nonsense',
    ]) {
      const answer = await token(scope, ADMIN)
      expect(answer.status, scope).toBe(400)
      expect(await answer.json()).toMatchObject({ errors: [{ code: expect.any(String) }], error: expect.any(String) })
    }
    expect((await fetch(`http://${server.host}/healthz`)).status).toBe(200)
  })
})
