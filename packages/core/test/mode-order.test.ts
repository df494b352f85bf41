import { fakeAuthenticator } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { AuthModeRegistry } from '../src/index.ts'
import { claimsEveryName, house } from './login-house.ts'

const ldap = fakeAuthenticator({ mode: 'ldap_auth', people: {} })
const proxy = claimsEveryName('http_auth', {})

describe('the order of modes', () => {
  it.each([
    ['an empty order', { order: [] }, ['name at least one mode']],
    ['a mode twice', { order: ['ldap_auth', 'ldap_auth', 'ldap_auth'] }, ['names ldap_auth twice']],
    [
      'a mode that is not registered',
      { order: ['ldap_auth', 'oidc_auth'] },
      ['oidc_auth is not registered; registered: ldap_auth, http_auth'],
    ],
    [
      'a super user of a mode that is not registered',
      { order: ['ldap_auth'], superUser: { mode: 'db_auth', account: '1' } },
      ['db_auth is not registered; registered: ldap_auth, http_auth'],
    ],
    [
      'a mode that claims every name before another',
      { order: ['http_auth', 'ldap_auth'] },
      ['http_auth cannot look names up, so every name is its own: ask it last, and no other such mode beside it'],
    ],
    [
      'a super user of a mode that cannot look names up',
      { superUser: { mode: 'http_auth', account: '1' } },
      ['http_auth cannot look names up, so it cannot know the super user'],
    ],
    [
      'everything at once',
      { order: ['http_auth', 'http_auth', 'x'] },
      [
        'x is not registered; registered: ldap_auth, http_auth',
        'names http_auth twice',
        'http_auth cannot look names up, so every name is its own: ask it last, and no other such mode beside it',
      ],
    ],
  ])('refuses %s, and says everything that is wrong', (_what, parts, messages) => {
    const make = () => house([ldap, proxy], parts)
    const problems = messages.map((message) => ({ path: '', message }))
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_CONFIGURATION', problems }))
  })

  it('says that nothing is registered where that is so', () => {
    expect(() => house([], { modes: new AuthModeRegistry(), order: ['db_auth'] })).toThrow('registered: none')
  })

  it('takes a mode that claims every name when it is asked last', () => {
    expect(() => house([ldap, proxy])).not.toThrow()
  })

  it('leaves modes alone that are registered and not named', async () => {
    const { outcome } = house([fakeAuthenticator({ mode: 'uaa_auth', people: { john: 'right' } }), ldap], {
      order: ['ldap_auth'],
    })
    expect(await outcome('john', 'right')).toBe('unknown_name')
  })
})
