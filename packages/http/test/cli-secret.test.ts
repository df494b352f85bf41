import {
  type AccountRecord,
  createSecretLogin,
  type ExternalLogin,
  type Identity,
  issueCliSecret,
  memoryAccounts,
  memoryGrants,
  memoryNamedSecrets,
} from '@lockkeeper/core'
import { fakeClock } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { type ChainLink, cliSecretLink } from '../src/index.ts'
import { as, buildHouse, claimsOf, form, PASSWORD } from './house.ts'

const JANE: Identity = {
  mode: 'oidc_auth',
  issuer: 'https://idp.test',
  subject: 'jane-1',
  username: 'jane',
  groups: [{ key: 'dev' }],
}
const DEVELOPER = 2
const TEAM = '/service/token?scope=repository:team/app:pull,push'

/** A server where a jane has a password in one mode, and another jane a secret for what she is at a provider. */
async function buildSecretHouse() {
  const clock = fakeClock()
  const link: { generate: ChainLink['generate'] } = { generate: async () => ({ outcome: 'abstained' }) }
  const house = buildHouse({ clock, links: [{ name: 'cli-secret', generate: (request) => link.generate(request) }] })
  const { lockout, projects } = house
  const accounts = memoryAccounts()
  const secrets = memoryNamedSecrets()
  const grants = memoryGrants({ clock })
  await accounts.add({ username: 'admin' })
  const jane = (await accounts.onboard(JANE)) as AccountRecord
  const grant = { issuer: JANE.issuer, subject: JANE.subject, refreshToken: 'r0' }
  await grants.put(jane.id, { grant, identity: JANE, checkedAt: clock.wallMs() })
  const [groupId = 0] = await accounts.groupIds(JANE.mode, JANE.groups)
  await projects.setMember((await projects.get('team'))!, { kind: 'group', id: groupId }, DEVELOPER)
  const { text, secret } = await issueCliSecret({ secrets, clock }, { accountId: jane.id, name: 'laptop' })

  const provider = { mode: JANE.mode, refresh: () => Promise.reject(new Error('nobody asks')) }
  const audit = { record: (event: (typeof house.audit)[number]) => void house.audit.push(event) }
  const providers = [provider as unknown as ExternalLogin]
  const login = createSecretLogin({ providers, secrets, accounts, grants, clock, lockout, audit })
  link.generate = cliSecretLink({ login, projects }).generate
  return { ...house, clock, jane, secret, text: text.reveal() }
}

const wrong = (text: string) => text.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))
const grantOf = (username: string, password: string) =>
  form({ grant_type: 'password', service: 'registry', scope: 'repository:team/app:pull,push', username, password })

describe('docker login with a CLI secret', () => {
  it.each<[door: string, present: (text: string) => [path: string, init: RequestInit]]>([
    ['Basic', (text) => [TEAM, as('jane', text)]],
    ['the password grant', (text) => ['/service/token', grantOf('jane', text)]],
  ])('by %s gives a token with the rights of the groups of its owner', async (_, present) => {
    const { ask, text, audit, jane, secret } = await buildSecretHouse()
    const answer = await ask(...present(text))
    expect(answer.status).toBe(200)
    const { token, access_token } = (await answer.json()) as { token?: string; access_token?: string }
    expect(claimsOf(token ?? access_token ?? '')).toMatchObject({
      sub: 'jane',
      access: [{ type: 'repository', name: 'team/app', actions: ['pull', 'push'] }],
    })
    expect(audit[0]).toMatchObject({ type: 'login', accountId: jane.id, details: { secret: secret.id } })
  })

  it('asks no auth mode, whether it is right or wrong', async () => {
    const { ask, text, counting, clock } = await buildSecretHouse()
    expect((await ask(TEAM, as('jane', text))).status).toBe(200)
    for (const password of [wrong(text), 'lkcli_', 'lkcli_cut', `${text} `]) {
      const answer = ask(TEAM, as('jane', password))
      await clock.advance(4000)
      expect((await answer).status).toBe(401)
    }
    expect(counting.counts).toEqual({ lookUps: 0, verifications: 0 })
  })

  it('leaves every other password to the next link', async () => {
    const { ask, counting } = await buildSecretHouse()
    expect((await ask(TEAM, as('jane', PASSWORD))).status).toBe(200)
    expect(counting.counts.lookUps).toBe(1)
  })
})

describe('VER-08: a CLI secret', () => {
  it.each([
    ['a bearer token', (text: string) => ({ headers: { authorization: `Bearer ${text}` } })],
    ['a shared secret', (text: string) => ({ headers: { authorization: `Harbor-Secret ${text}` } })],
    ['a user name', (text: string) => as(text, 'x')],
    ['a user name and a password', (text: string) => as(text, text)],
  ])('is worth nothing as %s, and no auth mode sees it', async (_, init) => {
    const { ask, text, counting, clock, audit } = await buildSecretHouse()
    const answer = ask(TEAM, init(text))
    await clock.advance(1500)
    expect((await answer).status).toBe(401)
    expect(counting.counts.lookUps).toBe(0)
    expect(audit).toHaveLength(1)
    expect(JSON.stringify(audit)).not.toContain(text.slice(-24))
  })

  it('is worth nothing as a refresh token', async () => {
    const { ask, text } = await buildSecretHouse()
    const init = form({ grant_type: 'refresh_token', refresh_token: text, service: 'registry' })
    expect((await ask('/service/token', init)).status).toBe(400)
  })

  it('is worth nothing as a token at the registry API', async () => {
    const { ask, text } = await buildSecretHouse()
    const answer = await ask('/v2/', { headers: { authorization: `Bearer ${text}` } })
    expect(answer.status).toBe(401)
  })

  it('and a registry token is no CLI secret', async () => {
    const { ask, text, clock } = await buildSecretHouse()
    const { token } = (await (await ask(TEAM, as('jane', text))).json()) as { token: string }
    for (const password of [token, `lkcli_${token}`]) {
      const answer = ask(TEAM, as('jane', password))
      await clock.advance(4000)
      expect((await answer).status).toBe(401)
    }
  })

  it('MCH-02: opens no door where a browser becomes somebody', async () => {
    const { chain, text, clock, counting } = await buildSecretHouse()
    const url = new URL('http://auth.test/login')
    const info = {
      ...{ requestId: 'r', url, path: '/login', source: '192.0.2.7' },
      connection: { peer: '192.0.2.7', tls: false },
    }
    const entrance = { door: 'login-form', form: { username: 'jane', password: text } }
    const answer = chain.identify(new Request(url), info, entrance)
    await clock.advance(1500)
    expect(await answer).toMatchObject({ outcome: 'rejected', reason: 'malformed' })
    expect(counting.counts.lookUps).toBe(0)
  })
})

describe('LCK-06: the freeze of a wrong CLI secret', () => {
  it('holds at both doors, and not for passwords', async () => {
    const { ask, text, clock } = await buildSecretHouse()
    const guess = ask(TEAM, as('jane', wrong(text)))
    await clock.advance(0)
    const right = ask('/service/token', grantOf('jane', text))
    const password = await ask(TEAM, as('jane', PASSWORD))
    expect(password.status).toBe(200)
    await clock.advance(3000)
    expect([(await guess).status, (await right).status]).toEqual([401, 401])
    await clock.advance(3000)
    expect((await ask(TEAM, as('jane', text))).status).toBe(200)
  })

  it('of a wrong password does not hold for secrets', async () => {
    const { ask, text, clock } = await buildSecretHouse()
    const guess = ask(TEAM, as('jane', 'wrong'))
    await clock.advance(0)
    expect((await ask(TEAM, as('jane', text))).status).toBe(200)
    await clock.advance(3000)
    expect((await guess).status).toBe(401)
  })
})

it('LOG-01: every refusal of a CLI secret looks like every other, and leaves after the same time', async () => {
  const { ask, text, clock } = await buildSecretHouse()
  const answers = new Set<string>()
  for (const init of [
    as('jane', wrong(text)),
    as('jane', text.replace('lkcli_', 'lkcli_0').slice(0, text.length)),
    as('nobody', text),
    as('jane', 'lkcli_cut'),
    as('jane', 'wrong password'),
    { headers: { authorization: `Bearer ${text}` } },
  ]) {
    const answer = ask(TEAM, init)
    let settled = false
    answer.finally(() => {
      settled = true
    })
    await clock.advance(1499)
    expect(settled).toBe(false)
    await clock.advance(1)
    const { status, headers } = await answer
    const shown = [...headers].filter(([name]) => name !== 'x-request-id')
    answers.add(JSON.stringify([status, shown, await (await answer).text()]))
    await clock.advance(4000)
  }
  expect(answers.size).toBe(1)
})
