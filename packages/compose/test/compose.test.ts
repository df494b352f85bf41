import { type Authenticator, abstained, authenticated, rejected, type SecurityContext } from '@lockkeeper/core'
import type { LockoutEvent } from '@lockkeeper/lockout'
import { anonymousContext, definePolicy, memoryProjects } from '@lockkeeper/rbac'
import { generateKeys, type SigningKeys } from '@lockkeeper/registry-token/keys'
import { recordingAudit } from '@lockkeeper/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { container as rootContainer } from '../src/container.ts'
import { AUTHENTICATOR, CHAIN_LINK, type ComposeOptions, compose, PARTS, ROUTE } from '../src/index.ts'

let keys: SigningKeys
beforeAll(async () => {
  keys = await generateKeys()
})

/** An auth mode with one person, whose password is `right`. */
function modeOf(mode: string, person: string): Authenticator {
  return {
    mode,
    async lookUp({ typed }) {
      if (typed !== person) return { verify: async () => abstained }
      const identity = { mode, issuer: mode, subject: person, username: person, groups: [] }
      return {
        account: person,
        verify: async (password) => (password === 'right' ? authenticated(identity) : rejected('bad_credentials')),
      }
    },
  }
}

const options = (more: Partial<ComposeOptions> = {}): ComposeOptions => ({
  authenticators: [modeOf('first_auth', 'ann')],
  externalUrl: 'https://auth.example.com',
  tokenOptions: { issuer: 'test', services: { registry: {} }, keys },
  lockoutOptions: { freezeMs: 0 },
  ...more,
})

const connection = { peer: '192.0.2.1', tls: true }
const asking = (path: string, login?: string) =>
  new Request(`https://auth.example.com${path}`, {
    headers: login === undefined ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` },
  })

describe('compose', () => {
  it('makes a whole token server of one auth mode and a key', async () => {
    const { handler } = compose(options())
    const right = await handler(asking('/service/token?service=registry', 'ann:right'), connection)
    expect(right.status).toBe(200)
    const { token } = (await right.json()) as { token: string }
    const probe = new Request('https://auth.example.com/v2/', { headers: { authorization: `Bearer ${token}` } })
    expect((await handler(probe, connection)).status).toBe(200)
    expect((await handler(asking('/service/token', 'ann:wrong'), connection)).status).toBe(401)
  })

  it('tells the operator why it is not ready, and the probe only which backend is down', async () => {
    const lines: unknown[] = []
    const ping = () => Promise.reject(new Error('connect ECONNREFUSED'))
    const { handler } = compose(options({ backends: [{ name: 'database', ping }], log: (line) => lines.push(line) }))
    const answer = await handler(asking('/readyz'), connection)
    expect([answer.status, await answer.json()]).toEqual([503, { status: 'unavailable', down: ['database'] }])
    expect(lines).toMatchObject([
      { level: 'warn', reason: 'database is down', requestId: answer.headers.get('x-request-id'), status: 503 },
    ])
    expect(lines).toMatchObject([{ error: { message: 'connect ECONNREFUSED' } }])
  })

  it('challenges with the external URL as realm', async () => {
    const { handler } = compose(options())
    const answer = await handler(asking('/v2/'), connection)
    expect(answer.headers.get('www-authenticate')).toBe(
      'Bearer realm="https://auth.example.com/service/token",service="registry"',
    )
  })

  it('challenges with no empty path component, whether or not the external URL ends in a slash', async () => {
    const { handler } = compose(options({ externalUrl: 'https://auth.example.com/' }))
    const answer = await handler(asking('/v2/'), connection)
    expect(answer.headers.get('www-authenticate')).toMatch('realm="https://auth.example.com/service/token"')
  })

  it('makes links and routes of its other parts where they are functions, once', async () => {
    let made = 0
    const server = compose(
      options({
        links: ({ projects }) => {
          made += 1
          const context = { ...anonymousContext(projects), isAuthenticated: true, username: 'badge-7' }
          return [
            {
              name: 'badge',
              generate: async ({ presented: { kind } }) =>
                kind === 'bearer' ? { outcome: 'context', context } : { outcome: 'abstained' },
            },
          ]
        },
        routes: ({ modes }) => [
          { method: 'GET', path: '/modes', handle: async () => new Response(modes.modes().join()) },
        ],
      }),
    )
    const request = asking('/service/token?service=registry')
    request.headers.set('authorization', 'Bearer badge-7')
    expect((await server.handler(request, connection)).status).toBe(200)
    expect(await (await server.handler(asking('/modes'), connection)).text()).toBe('first_auth')
    expect(made).toBe(1)
  })

  it('judges everybody by the policy that was handed in or registered: passwords, links of modes, and nobody', async () => {
    const policy = definePolicy({ rules: [{ name: 'closed', forbids: () => true }] })
    const projects = memoryProjects([{ name: 'library', isPublic: true }])
    let brought: SecurityContext | undefined
    const mode: Authenticator = {
      ...modeOf('first_auth', 'ann'),
      links: ({ contextOf }) => {
        brought = contextOf({ id: 1, username: 'bob', isAdmin: true, groupIds: [], mode: 'first_auth' })
        return []
      },
    }
    const container = rootContainer.createChildContainer()
    container.register(PARTS.policy, { useValue: policy })
    const library = { kind: 'repository', project: 'library', name: 'app' } as const
    const path = '/service/token?service=registry&scope=repository:library/app:pull'
    for (const [more, granted] of [
      [{}, 'repository:library/app:pull'],
      [{ policy }, ''],
      [{ container }, ''],
    ] as const) {
      const { handler } = compose(options({ authenticators: [mode], projects, ...more }))
      for (const login of ['ann:right', undefined]) {
        expect(await (await handler(asking(path, login), connection)).json()).toMatchObject({ scope: granted })
      }
      expect(await brought?.can('pull', library)).toBe(granted !== '')
    }
  })

  it('asks the modes in the order they were given, unless an order says otherwise', () => {
    const authenticators = [modeOf('b_auth', 'bob'), modeOf('a_auth', 'ann')]
    expect(compose(options({ authenticators })).modes.modes()).toEqual(['b_auth', 'a_auth'])
    expect(() => compose(options({ authenticators, order: ['c_auth'] })).login).toThrow(/c_auth is not registered/)
  })

  it('refuses two authenticators of one mode', () => {
    const authenticators = [modeOf('a_auth', 'ann'), modeOf('a_auth', 'bob')]
    expect(() => compose(options({ authenticators })).modes).toThrow(/a_auth is registered already/)
  })

  it('says which option a default needs', () => {
    expect(() => compose({}).tokens).toThrow(/tokenOptions/)
  })

  it('makes each part once, when it is first asked for', () => {
    const seen: string[] = []
    const onEvent = ({ type }: LockoutEvent) => void seen.push(type)
    const server = compose(options({ lockoutOptions: { freezeMs: 0, onEvent } }))
    expect(seen).toHaveLength(0)
    expect(server.lockout).toBe(server.lockout)
    expect(seen).toEqual(['off'])
  })
})

describe('what a mode brings besides passwords', () => {
  /** Lets people in by the name of a header, and says hello. */
  const bringing = (mode: string): Authenticator => ({
    ...modeOf(mode, 'bob'),
    links: ({ accounts, contextOf }) => [
      {
        name: `${mode} header`,
        async generate({ request, connection: { peer } }) {
          const username = request.headers.get(`x-${mode}`)
          if (username === null || peer !== connection.peer) return { outcome: 'abstained' }
          const admission = await accounts.admit({ mode, issuer: mode, subject: username, username, groups: [] })
          if (admission.outcome !== 'admitted') return { outcome: 'rejected', reason: admission.outcome }
          return { outcome: 'context', context: contextOf(admission.account) }
        },
      },
    ],
    routes: () => [{ method: 'GET', path: `/hello/${mode}`, handle: async () => new Response(mode) }],
  })

  it('is mounted before passwords are asked, in the order of the modes', async () => {
    const { handler } = compose(options({ authenticators: [bringing('one_auth'), bringing('two_auth')] }))
    const request = asking('/service/token?service=registry')
    request.headers.set('x-two_auth', 'carol')
    expect((await handler(request, connection)).status).toBe(200)
    expect((await handler(request, { ...connection, peer: '192.0.2.2' })).status).toBe(401)
    expect(await (await handler(asking('/hello/one_auth'), connection)).text()).toBe('one_auth')
    expect(await (await handler(asking('/hello/two_auth'), connection)).text()).toBe('two_auth')
  })

  it('is not there when the order does not name the mode', async () => {
    const authenticators = [bringing('one_auth'), bringing('two_auth')]
    const { handler } = compose(options({ authenticators, order: ['one_auth'] }))
    expect((await handler(asking('/hello/two_auth'), connection)).status).toBe(404)
  })
})

describe('a container of your own', () => {
  it('adds an auth mode by registering it under the key, and takes nothing else', async () => {
    const container = rootContainer.createChildContainer()
    container.register(AUTHENTICATOR, { useValue: modeOf('second_auth', 'bob') })
    const { handler, modes } = compose(options({ container }))
    expect(modes.modes()).toEqual(['first_auth', 'second_auth'])
    expect((await handler(asking('/service/token', 'bob:right'), connection)).status).toBe(200)
  })

  it('replaces a default by what is registered, and what is registered by what is handed in', () => {
    const [registered, handedIn] = [recordingAudit(), recordingAudit()]
    const container = rootContainer.createChildContainer()
    container.register(PARTS.audit, { useValue: registered })
    expect(compose(options({ container })).audit).toBe(registered)
    expect(compose(options({ container, audit: handedIn })).audit).toBe(handedIn)
  })

  it('adds links and routes', async () => {
    const container = rootContainer.createChildContainer()
    container.register(ROUTE, {
      useValue: { method: 'GET', path: '/hello', handle: async () => new Response('hello') },
    })
    container.register(CHAIN_LINK, {
      useValue: { name: 'closed', generate: async () => ({ outcome: 'rejected', reason: 'closed' }) },
    })
    const { handler } = compose(options({ container }))
    expect(await (await handler(asking('/hello'), connection)).text()).toBe('hello')
    expect((await handler(asking('/service/token?service=registry', 'ann:right'), connection)).status).toBe(401)
  })

  it('finds nothing registered in it afterwards, nor in the global one', () => {
    const container = rootContainer.createChildContainer()
    const { handler } = compose(options({ container }))
    expect(handler).toBeTypeOf('function')
    for (const key of [...Object.values(PARTS), AUTHENTICATOR, CHAIN_LINK, ROUTE]) {
      expect(container.isRegistered<unknown>(key, true)).toBe(false)
    }
  })

  it('keeps two compositions apart', () => {
    const [one, two] = [compose(options()), compose(options())]
    expect(one.lockout).not.toBe(two.lockout)
    expect(one.accountStore).not.toBe(two.accountStore)
  })
})
