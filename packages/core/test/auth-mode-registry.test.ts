import { fakeAuthenticator } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { type Authenticator, AuthModeRegistry } from '../src/index.ts'

const mode = (name: string) => fakeAuthenticator({ mode: name, people: {} })

describe('AuthModeRegistry', () => {
  it('gives back what was registered, in order', () => {
    const ldap = mode('ldap_auth')
    const registry = new AuthModeRegistry([ldap])
    registry.register(mode('ldap_auth/emea'))
    registry.register(mode('db_auth'))
    expect(registry.get('ldap_auth')).toBe(ldap)
    expect(registry.modes()).toEqual(['ldap_auth', 'ldap_auth/emea', 'db_auth'])
  })

  it('refuses a second registration of a mode, and says how to name it', () => {
    const registry = new AuthModeRegistry([mode('ldap_auth')])
    expect(() => registry.register(mode('ldap_auth'))).toThrow(/registered already.*ldap_auth\/<name>/)
    expect(() => new AuthModeRegistry([mode('a'), mode('a')])).toThrow(TypeError)
  })

  it('refuses what cannot look names up, when it is registered and not at the first login', () => {
    const unfinished = { mode: 'my_auth' } as Authenticator
    expect(() => new AuthModeRegistry([unfinished])).toThrow('auth mode my_auth has no function lookUp')
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('CHN-03: %s is no mode', (name) => {
    const registry = new AuthModeRegistry([mode('db_auth')])
    expect(registry.get(name)).toBeUndefined()
    expect(registry.modes()).toEqual(['db_auth'])
  })

  it.each([
    '',
    '__proto__',
    'LDAP',
    'ldap auth',
    'ldap-auth',
    '1st',
    'ldap/',
    'ldap/a/b',
    'ldap/A',
    'ldap\n',
    'x'.repeat(64),
  ])('refuses to register a mode called %j', (name) => {
    expect(() => new AuthModeRegistry([mode(name)])).toThrow('must look like ldap_auth')
  })
})
