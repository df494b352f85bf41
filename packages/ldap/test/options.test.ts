import { inspect } from 'node:util'
import { Secret } from '@lockkeeper/core'
import { describe, expect, it } from 'vitest'
import { type LdapAuthOptions, ldapAuth } from '../src/index.ts'
import { parseLdapAuthOptions } from '../src/options.ts'

const SMALLEST: LdapAuthOptions = { url: 'ldaps://ldap.example.com', baseDn: 'dc=example,dc=com' }

function problemsOf(options: unknown): readonly string[] {
  try {
    ldapAuth(options as LdapAuthOptions)
    return []
  } catch (error) {
    if (!(error instanceof Error && 'problems' in error && Array.isArray(error.problems))) throw error
    return error.problems.map(({ path, message }) => `${path} ${message}`.trim())
  }
}

describe('options', () => {
  it('need two lines', () => {
    expect(parseLdapAuthOptions(SMALLEST)).toMatchObject({
      mode: 'ldap_auth',
      issuer: 'ldap_auth',
      servers: [{ host: 'ldap.example.com', port: 636, security: 'tls' }],
      usernameAttribute: 'uid',
      scope: 'sub',
      groups: { from: 'memberOf', max: 1000 },
      timeouts: { connectMs: 3_000, operationMs: 5_000, loginMs: 10_000 },
      tls: { insecureSkipVerify: false },
    })
  })

  it.each([
    ['ldaps://LDAP.example.com', { host: 'ldap.example.com', port: 636, security: 'tls' }],
    ['ldaps://ldap.example.com:1636/', { host: 'ldap.example.com', port: 1636, security: 'tls' }],
    ['ldaps://[2001:db8::1]', { host: '2001:db8::1', port: 636, security: 'tls' }],
  ])('read %s', (url, server) => {
    expect(parseLdapAuthOptions({ ...SMALLEST, url }).servers).toEqual([server])
  })

  it('do StartTLS on ldap:// when told so, and plaintext only with a telling name', () => {
    const security = (more: Partial<LdapAuthOptions>) =>
      parseLdapAuthOptions({ ...SMALLEST, url: 'ldap://ldap.example.com', ...more }).servers[0]?.security
    expect(security({ startTls: true })).toBe('starttls')
    expect(security({ insecureAllowPlaintext: true })).toBe('none')
    expect(() => security({})).toThrow(
      'sends passwords in clear; use ldaps://, startTls: true, or insecureAllowPlaintext',
    )
  })

  it('OPS-04: are refused whole, with every problem and where it is', () => {
    const problems = problemsOf({
      url: ['http://ldap.example.com', 'ldaps://ldap.example.com/dc=example', 'ldap://ldap.example.com'],
      baseDn: 'example',
      baseDN: 'dc=example',
      filter: '(uid=*',
      usernameAttribute: 'uid)(x',
      bindDn: 'EXTERNAL',
      timeouts: { connectMs: 0, operationMS: 1 },
      pool: { maxSearch: 0 },
      groups: { from: 'search', memberIs: 'name', filter: 'x', base: '' },
      tls: { minVersion: 'TLSv1.1', certificate: 'x' },
      onEvent: 'log',
    })
    for (const [path, words] of [
      ['url[0]', 'must look like ldaps://ldap.example.com'],
      ['url[1]', 'the base goes into baseDn'],
      ['baseDn', 'must be a distinguished name'],
      ['', 'has no baseDN; there are instance, url, startTls, '],
      ['filter', 'must be an LDAP filter (RFC 4515)'],
      ['usernameAttribute', 'must be the name of one attribute'],
      ['bindDn', 'must be a distinguished name, user@domain'],
      ['timeouts.connectMs', 'must be a whole number from 1 to 60000'],
      ['timeouts', 'has no operationMS; there are connectMs, operationMs, loginMs'],
      ['pool.maxSearch', 'must be a whole number from 1 to 256'],
      ['groups.memberIs', '"dn"|"username"'],
      ['groups.filter', 'must be an LDAP filter'],
      ['groups', 'has no base; there are from, baseDn, scope, '],
      ['tls.minVersion', '"TLSv1.2"'],
      ['tls', 'must have both certificate and key'],
      ['onEvent', 'must be a function'],
    ] as const) {
      expect(
        problems.some((problem) => problem.startsWith(path) && problem.includes(words)),
        `${path} ${words} in\n${problems.join('\n')}`,
      ).toBe(true)
    }
  })

  it.each<readonly [string, Partial<LdapAuthOptions>, string]>([
    ['no base', { baseDn: undefined }, 'baseDn must say where people are searched'],
    ['a search account without a password', { bindDn: 'cn=x' }, 'bindPassword goes with bindDn'],
    ['a password without a search account', { bindPassword: 'x' }, 'bindPassword goes with bindDn'],
    [
      'both ways to find people',
      { userDnTemplate: 'uid={username},dc=x', bindDn: 'cn=x', bindPassword: 'x' },
      'has no use for bindDn',
    ],
    ['StartTLS on TLS', { startTls: true }, 'startTls is for ldap:// alone'],
    ['an instance that is no name', { instance: 'EMEA!' }, 'instance must be lower-case letters'],
    [
      'a certificate that is none',
      { tls: { ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' } },
      'tls.ca must be a certificate itself',
    ],
    ['the path of a certificate', { tls: { ca: '/etc/ssl/ldap-ca.pem' } }, 'the path of one is written { file: path }'],
    [
      'groups of user names in groups',
      { groups: { from: 'search', memberAttributes: ['memberUid'], memberIs: 'username', nested: true } },
      'groups cannot be nested where members are user names',
    ],
    ['an attribute called dn', { attributes: { email: 'dn' } }, 'attributes.email must be an attribute; dn is none'],
    [
      'escapes of letters in a filter',
      { filter: '(cn=J\\c3\\bcrgen)' },
      'filter must have letters beyond ASCII as they are',
    ],
  ])('refuse %s', (_, more, words) => {
    expect(problemsOf({ ...SMALLEST, ...more }).join('; ')).toContain(words)
  })

  it.each(['uid={username}', 'cn=x{username}y,dc=z', 'uid={username}+ou=x,dc=z', 'cn=\\\\{username},dc=x'])(
    'take %j for a template of names',
    (userDnTemplate) => {
      expect(problemsOf({ url: SMALLEST.url, userDnTemplate })).toEqual([])
    },
  )

  it.each([
    '{username}',
    '{username}@example.com',
    'uid=jane',
    'uid={username},cn={username}',
    '{username}=x',
    'cn=\\{username},dc=x',
    'cn=\\4{username},dc=x',
    'uid={username}dc=x,',
  ])('LDP-03: do not take %j for a template of names', (userDnTemplate) => {
    expect(problemsOf({ url: SMALLEST.url, userDnTemplate })[0]).toContain(
      'userDnTemplate must be a distinguished name with {username}',
    )
  })

  it('are what they were after they were read', () => {
    const options = Object.freeze({
      ...SMALLEST,
      url: Object.freeze(['ldaps://a', 'ldaps://b']) as string[],
      tls: Object.freeze({}),
    })
    const before = structuredClone(options)
    parseLdapAuthOptions(options)
    expect(options).toEqual(before)
  })
})

describe('a secret', () => {
  const read = (bindPassword: LdapAuthOptions['bindPassword']) =>
    parseLdapAuthOptions({ ...SMALLEST, bindDn: 'cn=reader', bindPassword }).bindPassword?.reveal()

  it('is given as it is, or wrapped', () => {
    expect(read('as it is')).toBe('as it is')
    expect(read(new Secret('wrapped'))).toBe('wrapped')
  })

  it('must not be empty', () => {
    expect(() => read('')).toThrow('bindPassword must be a non-empty string')
  })

  it('OBS-01: shows in nothing that is printed', () => {
    const auth = ldapAuth({ ...SMALLEST, bindDn: 'cn=reader', bindPassword: 'c4nary' })
    const settings = parseLdapAuthOptions({ ...SMALLEST, bindDn: 'cn=reader', bindPassword: 'c4nary' })
    for (const value of [auth, settings]) {
      expect(inspect(value, { depth: 20, showHidden: true })).not.toContain('c4nary')
      expect(JSON.stringify(value)).not.toContain('c4nary')
    }
  })
})
