import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type House, makeHouse } from './house.ts'

let house: House
beforeAll(async () => {
  house = await makeHouse()
})
afterAll(() => house.remove())

const done = { code: 0, stderr: '' }

describe('members that come from an auth mode', () => {
  const tokenReview = { url: 'https://proxy.example.com/review' }
  const configure = (options: object) =>
    house.configure(
      `auth: ${JSON.stringify({ modes: ['db_auth', 'http_auth'], http_auth: { tokenReview, ...options } })}`,
    )
  afterEach(() => house.configure(''))
  const membersOf = async (project: string): Promise<unknown> =>
    JSON.parse((await house.run(['member', 'list', project, '--json'])).stdout)
  const admin = expect.objectContaining({ kind: 'user', name: 'admin' })

  it('that are groups have a name and a mode, and leave though their mode no longer knows them', async () => {
    await house.run(['project', 'add', 'crowd'])
    await configure({ assumeFound: true })
    const add = ['member', 'add', 'crowd', 'Ops', 'developer', '--group', 'http_auth']
    expect(await house.run(add)).toEqual({ code: 0, stdout: 'Ops is developer of crowd\n', stderr: '' })
    const ops = { kind: 'group', id: 1, name: 'Ops', mode: 'http_auth', role: 'developer' }
    expect(await membersOf('crowd')).toEqual([admin, ops])
    expect((await house.run(['member', 'list', 'crowd'])).stdout).toMatch(/developer\s+http_auth\s+Ops/)

    await house.configure('')
    const remove = (name: string, mode = 'http_auth') => house.run(['member', 'remove', 'crowd', name, '--group', mode])
    expect(await remove('Devs')).toMatchObject({ code: 1, stderr: expect.stringContaining('these are: Ops') })
    expect(await remove('Ops', 'ldap_auth')).toMatchObject({ code: 1, stderr: expect.stringContaining('none is') })
    expect(await remove('OPS')).toMatchObject(done)
    expect(await membersOf('crowd')).toEqual([admin])
  })

  it('may be people who have not logged in yet, each of them once', async () => {
    await house.run(['project', 'add', 'newcomers'])
    await house.run(['user', 'add', 'nick'])
    await configure({ assumeFound: true })
    const add = (name: string, ...more: readonly string[]) =>
      house.run(['member', 'add', 'newcomers', name, 'guest', ...more])
    expect(await add('nora')).toMatchObject({ code: 1, stderr: expect.stringContaining('no user "nora"') })
    for (let times = 0; times < 2; times++) expect(await add('nora', '--user', 'http_auth')).toMatchObject(done)
    const nora = expect.objectContaining({ kind: 'user', name: 'nora', role: 'guest' })
    expect(await membersOf('newcomers')).toEqual([admin, nora])
    expect((await house.run(['user', 'list'])).stdout).toMatch(/nora\s+http_auth/)

    const refusals = [
      [await add('nick', '--user', 'http_auth'), 'nick belongs to another account'],
      [await add('a\u200bb', '--user', 'http_auth'), 'http_auth knows nobody called'],
      [
        await add('nora', '--user', 'uaa_auth'),
        'uaa_auth is no auth mode here that can be asked for people; there are: http_auth; people of other modes can be added',
      ],
      [await add('nora', '--user', 'http_auth', '--group', 'http_auth'), 'cannot be used with'],
    ] as const
    for (const [{ code, stderr }, says] of refusals) {
      expect(code).toBeGreaterThan(0)
      expect(stderr).toContain(says)
    }
    await configure({})
    expect((await add('nora', '--user', 'http_auth')).stderr).toContain('for people; there is none')
  })

  it('are believed to be groups where the mode cannot be asked, which is said', async () => {
    await house.run(['project', 'add', 'claims'])
    await configure({})
    const add = (mode: string) => house.run(['member', 'add', 'claims', 'dev', 'guest', '--group', mode])
    expect(await add('http_auth')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^dev is guest of claims\nhttp_auth cannot be asked for groups/),
    })
    expect(await membersOf('claims')).toEqual([admin, expect.objectContaining({ name: 'dev', mode: 'http_auth' })])
    for (const mode of ['db_auth', 'ldap_auth']) {
      const stderr = `lockkeeper: ${mode} is no auth mode here that has groups; there are: http_auth\n`
      expect(await add(mode)).toMatchObject({ code: 2, stderr })
    }
  })
})
