import { type Account, type ChainRequest, createAccountDirectory, memoryAccounts } from '@lockkeeper/core'
import { createLockout, memoryLockoutStore } from '@lockkeeper/lockout'
import { fakeClock, recordingAudit } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { type HttpAuthOptions, httpAuth } from '../src/index.ts'

const PROXY = '10.1.2.3'
const HEADERS = {
  peers: ['10.1.0.0/16', '2001:db8::/32', 'unix'],
  username: 'X-Remote-User',
  groups: 'X-Remote-Groups',
}

/** The link for headers, with accounts of its own. */
function houseOf(more: Partial<NonNullable<HttpAuthOptions['trustedHeaders']>> = {}) {
  const clock = fakeClock()
  const audit = recordingAudit()
  const accounts = createAccountDirectory(memoryAccounts())
  const lockout = createLockout({ store: memoryLockoutStore({ clock }), clock })
  const seen: Account[] = []
  const contextOf = (account: Account) => {
    seen.push(account)
    return { kind: 'local', isAuthenticated: true, username: account.username } as never
  }
  const mode = httpAuth({ trustedHeaders: { ...HEADERS, ...more }, adminGroups: ['admins'] })
  const [link] = mode.links?.({ lockout, accounts, clock, audit, contextOf }) ?? []
  const ask = async (
    headers: readonly (readonly [string, string])[],
    peer = PROXY,
    presented: ChainRequest['presented'] = { kind: 'none' },
  ) =>
    link?.generate({
      request: new Request('https://auth.example.com/service/token', {
        headers: headers.map(([a, b]): [string, string] => [a, b]),
      }),
      path: '/service/token',
      // As a proxy in between would have it: what counts is who is on the socket.
      source: PROXY,
      connection: { peer, tls: false },
      requestId: 'r-1',
      door: 'token',
      presented,
    })
  return { audit, seen, ask, mode }
}

const ABSTAINED = { outcome: 'abstained' }

describe('APX-02: identity headers count from listed peers alone', () => {
  it.each(['10.1.2.3', '10.1.255.255', '::ffff:10.1.2.3', '2001:db8::7', '2001:db8::7%eth0', 'unix'])(
    'somebody whom %s names is let in',
    async (peer) => {
      const { ask, seen, audit } = houseOf()
      expect(await ask([['X-Remote-User', 'jane']], peer)).toMatchObject({ outcome: 'context' })
      expect(seen).toMatchObject([{ username: 'jane', isAdmin: false }])
      expect(audit.events).toMatchObject([{ outcome: 'authenticated', mode: 'http_auth', name: 'jane', door: 'token' }])
    },
  )

  it.each([
    '10.2.0.1',
    '192.0.2.1',
    '127.0.0.1',
    '::1',
    '::ffff:10.2.0.1',
    '2001:db9::1',
    '',
    'localhost',
    '10.1.2.3.4',
  ])('somebody whom %j names is nobody: the header is as if it were not there', async (peer) => {
    const { ask, audit } = houseOf()
    expect(
      await ask(
        [
          ['X-Remote-User', 'admin'],
          ['X-Remote-Groups', 'admins'],
        ],
        peer,
      ),
    ).toEqual(ABSTAINED)
    expect(audit.events).toEqual([])
  })

  it('a forwarded address makes nobody a listed peer', async () => {
    const { ask } = houseOf()
    const forwarded = [
      ['X-Forwarded-For', PROXY],
      ['X-Real-IP', PROXY],
      ['Forwarded', `for=${PROXY}`],
      ['X-Remote-User', 'admin'],
    ] as const
    expect(await ask(forwarded, '192.0.2.1')).toEqual(ABSTAINED)
  })

  it.each(['X_Remote_User', 'X-Remote_User', 'X_REMOTE-USER', 'Remote-User', 'X-Remote-User2'])(
    'the spelling %s is another header, whoever sends it',
    async (name) => {
      const { ask, seen } = houseOf()
      expect(await ask([[name, 'admin']])).toEqual(ABSTAINED)
      expect(
        await ask([
          [name, 'admin'],
          ['X-Remote-User', 'jane'],
        ]),
      ).toMatchObject({ outcome: 'context' })
      expect(seen).toMatchObject([{ username: 'jane' }])
    },
  )

  it('a header that was sent twice lets nobody in: the first may be the client’s own', async () => {
    const { ask, audit } = houseOf()
    expect(
      await ask([
        ['X-Remote-User', 'admin'],
        ['x-remote-user', 'jane'],
      ]),
    ).toEqual({
      outcome: 'rejected',
      reason: 'malformed',
    })
    const groups = [
      ['X-Remote-User', 'jane'],
      ['X-Remote-Groups', 'admins'],
      ['X-Remote-Groups', 'dev'],
    ] as const
    expect(await ask(groups)).toMatchObject({ outcome: 'rejected' })
    expect(audit.events).toMatchObject([{ outcome: 'rejected', reason: 'malformed' }, { outcome: 'rejected' }])
  })

  it('without the option nobody is asked for headers', () => {
    const { mode } = houseOf()
    expect(mode).not.toHaveProperty('claimsEveryName')
    const plain = httpAuth({ endpoint: 'https://proxy.test/login', tokenReview: { url: 'https://proxy.test/review' } })
    const names = (auth: typeof plain) => auth.links?.({} as never).map(({ name }) => name)
    expect(names(mode)).toEqual(['http_auth headers'])
    expect(names(plain)).toEqual(['http_auth tokens'])
  })
})

describe('what a listed peer says', () => {
  it('names groups, an address and a full name, where headers are set for them', async () => {
    const { ask, seen } = houseOf({ email: 'X-Remote-Email', displayName: 'X-Remote-Name' })
    const said = [
      ['X-Remote-User', 'jane'],
      ['X-Remote-Groups', 'dev| admins |dev|'],
      ['X-Remote-Email', 'jane@example.test'],
      ['X-Remote-Name', Buffer.from('Jané Doe').toString('latin1')],
    ] as const
    expect(await ask(said)).toMatchObject({ outcome: 'context' })
    expect(seen).toMatchObject([{ email: 'jane@example.test', displayName: 'Jané Doe', isAdmin: true }])
    expect(seen[0]?.groupIds).toHaveLength(2)
  })

  it('may be a list with commas where the operator says so', async () => {
    const { ask, seen } = houseOf({ groupSeparator: ',' })
    await ask([
      ['X-Remote-User', 'jane'],
      ['X-Remote-Groups', 'dev, ops'],
    ])
    expect(seen[0]?.groupIds).toHaveLength(2)
  })

  it.each([
    ['a list of names', 'jane, admin'],
    ['a name that reads backwards', Buffer.from('jane\u202e').toString('latin1')],
    ['bytes that are not UTF-8', 'jan\xe9'],
    ['256 letters', 'x'.repeat(256)],
  ])('is refused when it is %s', async (_, name) => {
    expect(await houseOf().ask([['X-Remote-User', name]])).toEqual({ outcome: 'rejected', reason: 'malformed' })
  })

  it.each(['', ' '])('is nobody when it is empty: %j', async (name) => {
    expect(await houseOf().ask([['X-Remote-User', name]])).toEqual(ABSTAINED)
  })

  it('goes before a cookie, and never beside another credential', async () => {
    const { ask } = houseOf()
    const said = [['X-Remote-User', 'jane']] as const
    expect(await ask(said, PROXY, { kind: 'cookie', value: 'x' })).toMatchObject({ outcome: 'context' })
    for (const presented of [
      { kind: 'password', username: 'jane', password: 'x' },
      { kind: 'bearer', token: 'x' },
      { kind: 'secret', secret: 'x' },
      { kind: 'unusable' },
    ] as const) {
      expect(await ask(said, PROXY, presented)).toEqual({ outcome: 'rejected', reason: 'two_credentials' })
    }
  })
})
