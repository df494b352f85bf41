import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { banner } from '../src/banner.ts'
import { runCommandLine } from '../src/command-line.ts'
import { parseSettings } from '../src/config/load.ts'
import { openControlServer } from '../src/control/control-server.ts'
import { urlRoute } from '../src/control/url-route.ts'
import { type House, makeHouse } from './house.ts'

let house: House
beforeAll(async () => {
  house = await makeHouse()
})
afterAll(() => house.remove())

const done = { code: 0, stderr: '' }

describe('projects, members and rights', () => {
  it('say who may do what, and which rule says so', async () => {
    await house.run(['user', 'add', 'dora'])
    expect(await house.run(['project', 'add', 'team'])).toMatchObject(done)
    expect(await house.run(['project', 'add', 'open', '--public', '--owner', 'dora'])).toMatchObject(done)
    expect(await house.run(['member', 'add', 'team', 'dora', 'developer'])).toMatchObject(done)

    expect(await house.run(['can', 'dora', 'push', 'repository:team/app'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('yes  role:developer'),
    })
    expect(await house.run(['can', 'dora', 'delete', 'repository:team/app'])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^no/),
    })
    expect(await house.run(['can', 'anonymous', 'pull', 'repository:open/app'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('public'),
    })
    expect(await house.run(['can', 'anonymous', 'pull', 'repository:team/app'])).toMatchObject({ code: 1 })
    const { stdout } = await house.run(['can', 'admin', 'read', 'system:catalog', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ allowed: true, rule: 'sysadmin', user: 'admin' })
  })

  it('are a no for whoever is disabled, and say how to mend it', async () => {
    await house.run(['user', 'add', 'dan', '--admin'])
    expect(await house.run(['can', 'dan', 'push', 'repository:team/app'])).toMatchObject({ code: 0 })
    await house.run(['user', 'disable', 'dan'])
    expect(await house.run(['can', 'dan', 'push', 'repository:team/app'])).toMatchObject({
      code: 1,
      stdout: 'no  disabled: dan is disabled; see: lockkeeper user enable dan\n',
    })
  })

  it('say that groups of a directory are not counted, where that could matter', async () => {
    await house.run(['user', 'add', 'ext'])
    const why = async (project: string) => (await house.run(['can', 'ext', 'push', `repository:${project}/app`])).stdout
    expect(await why('team')).not.toContain('groups')
    await house.configure('auth: { modes: [db_auth, ldap_auth] }')
    await house.run(['user', 'link', 'ext', 'ldap_auth', 'ldap.example.com', 'uuid-2'])
    await house.configure('')
    expect(await why('team')).toContain('or maintainer; groups of ldap_auth count at login, and not here\n')
    expect(await why('nowhere')).not.toContain('groups')
  })

  it('list members, change a role and take it away', async () => {
    await house.run(['user', 'add', 'eve'])
    await house.run(['project', 'add', 'tools'])
    await house.run(['member', 'add', 'tools', 'eve', 'guest'])
    await house.run(['member', 'add', 'tools', 'eve', 'maintainer'])
    expect((await house.run(['member', 'list', 'tools'])).stdout).toMatch(/maintainer\s+eve/)
    expect(await house.run(['member', 'remove', 'tools', 'eve'])).toMatchObject(done)
    expect((await house.run(['member', 'list', 'tools'])).stdout).not.toContain('eve')
    expect(await house.run(['member', 'remove', 'tools', 'eve'])).toMatchObject({
      code: 1,
      stderr: 'lockkeeper: eve is no member of tools; see: lockkeeper member list tools\n',
    })
  })

  it('change who may pull, and end with the project', async () => {
    await house.run(['project', 'add', 'secret'])
    await house.run(['project', 'public', 'secret'])
    expect(await house.run(['can', 'anonymous', 'pull', 'repository:secret/x'])).toMatchObject({ code: 0 })
    await house.run(['project', 'private', 'secret'])
    expect(await house.run(['can', 'anonymous', 'pull', 'repository:secret/x'])).toMatchObject({ code: 1 })
    await house.run(['project', 'remove', 'secret'])
    expect((await house.run(['project', 'list'])).stdout).not.toContain('secret')
  })

  it('refuse what is no role, no action, no resource and no project name, saying what there is', async () => {
    for (const [words, says] of [
      [['member', 'add', 'team', 'dora', 'chef'], 'they are projectAdmin'],
      [['can', 'dora', 'shove', 'repository:team/app'], 'they are create'],
      [['can', 'dora', 'push', 'team/app'], 'lockkeeper can --help'],
      [['project', 'add', 'Team!'], 'Team!'],
    ] as const) {
      const { code, stderr } = await house.run(words)
      expect(code).toBe(2)
      expect(stderr).toContain(says)
    }
  })
})

describe('keys', () => {
  it('are made, listed, and explained to registries', async () => {
    const { stdout } = await house.run(['keys'])
    expect(stdout).toContain('rootcertbundle: "/etc/distribution/lockkeeper.pem"')
    expect(stdout).toContain('realm: "http://127.0.0.1:8080/service/token"')
    expect(await house.run(['keys', 'new', '--algorithm', 'RS256', '--rsa-bits', '2048'])).toMatchObject(done)
    expect(await house.run(['keys', 'new', '--rsa-bits', '4096'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--rsa-bits is for --algorithm RS256'),
    })
    const listed = JSON.parse((await house.run(['keys', 'list', '--json'])).stdout)
    expect(listed.map((key: { algorithm: string }) => key.algorithm).sort()).toEqual(['ES256', 'RS256'])
  })

  it('are published under the URL of the server that runs, wherever it was told to listen', async () => {
    await house.run(['keys'])
    const running = await openControlServer(
      join(house.folder, 'data', 'control.sock'),
      urlRoute(parseSettings({ listen: '127.0.0.1:9090' })),
    )
    try {
      const { stdout } = await house.run(['keys'])
      expect(stdout).toContain('realm: "http://127.0.0.1:9090/service/token"')
      expect(stdout).toContain('http://127.0.0.1:9090/service/keys.pem')
    } finally {
      await running.close()
    }
  })

  it('say how to fetch the files that a registry is told to read, and no others', async () => {
    const files = async (headerStyle: string) => {
      await house.configure(`tokens: { services: { registry: { headerStyle: ${headerStyle} } } }`)
      return (await house.run(['keys'])).stdout.match(/curl -fo \S+/g)
    }
    const pem = 'curl -fo /etc/distribution/lockkeeper.pem'
    const jwks = 'curl -fo /etc/distribution/lockkeeper.jwks.json'
    expect(await files('x5c')).toEqual([pem])
    expect(await files('kid-libtrust')).toEqual([pem, jwks])
    expect(await files('kid-thumbprint')).toEqual([jwks])
    await house.configure('')
  })

  it('are made once, where several programs start at the same moment', async () => {
    const fresh = await makeHouse()
    const started = await Promise.all([fresh.run(['keys', 'list']), fresh.run(['keys', 'list'])])
    expect(started).toMatchObject([done, done])
    expect(started[0]?.stdout).toBe(started[1]?.stdout)
    await fresh.remove()
  })

  it('are never replaced', async () => {
    await house.run(['keys'])
    expect(await house.run(['keys', 'new'])).toMatchObject({ code: 1 })
  })
})

describe('locks', () => {
  it('say how to start a server where none runs', async () => {
    for (const words of [['list'], ['clear', '--all'], ['explain', 'admin'], ['counters']]) {
      const { code, stderr } = await house.run(['locks', ...words])
      expect(code).toBe(3)
      expect(stderr).toContain('start it with lockkeeper serve')
    }
  })

  it('clear nobody unless they are told whom', async () => {
    for (const words of [[], ['jane', '--all'], ['--key', 'k', '--all']]) {
      expect(await house.run(['locks', 'clear', ...words])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('lockkeeper locks clear NAME, --key KEY, or --all'),
      })
    }
  })
})

describe('a second server on a data folder', () => {
  it('LCK-03: does not start, since each would count refusals in its own memory', async () => {
    await house.run(['keys'])
    const first = await openControlServer(join(house.folder, 'data', 'control.sock'), new Map())
    try {
      expect(await house.run(['serve', '--listen', '127.0.0.1:1'])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('stop that one, or give this one a folder of its own with --data'),
      })
    } finally {
      await first.close()
    }
  })
})

describe('the first lines of a start', () => {
  it('show the new password also where the start then fails: it cannot be shown again', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const fresh = await makeHouse()
    const { code, stdout, stderr } = await fresh.run(['serve', '--listen', `127.0.0.1:${port}`])
    taken.close()
    await fresh.remove()
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('is in use') })
    expect(stdout).toMatch(/^ {2}user {6}admin\n {2}password {2}[A-Za-z0-9]{24}$/m)
  })

  it('show commands that can be pasted', () => {
    const facts = { url: 'http://127.0.0.1:9', listen: '127.0.0.1:9', dataFolder: '/srv/lk', startedInMs: 812 }
    expect(banner({ ...facts, options: {} })).toContain('npm run -s lockkeeper -- keys  ')
    expect(banner({ ...facts, options: { config: "it's.yaml", data: '/srv/lk' } })).toContain(
      "lockkeeper -- keys --config 'it'\\''s.yaml' --data /srv/lk  ",
    )
  })
})

describe('help', () => {
  it('teaches by examples, and names the commands', async () => {
    let stdout = ''
    const terminal = {
      write(text: string) {
        stdout += text
      },
      writeError: () => {},
      readInput: async () => '',
      environment: {},
    }
    expect(await runCommandLine(['--help'], terminal)).toBe(0)
    for (const word of [
      'serve',
      'check-config',
      'migrate',
      'keys',
      'locks',
      'user',
      'project',
      'member',
      'can',
      'Examples:',
    ]) {
      expect(stdout).toContain(word)
    }
  })

  it('answers a command that does not exist with 2', async () => {
    expect((await house.run(['usr'])).code).toBe(2)
  })
})
