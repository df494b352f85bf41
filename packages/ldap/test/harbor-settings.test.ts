import { describe, expect, it } from 'vitest'
import { type HarborSettings, ldapAuth, readHarborLdapSettings } from '../src/index.ts'

const HARBOR: HarborSettings = {
  auth_mode: 'ldap_auth',
  ldap_url: 'ldaps://ldap.example.com',
  ldap_base_dn: 'ou=people,dc=example,dc=com',
  ldap_search_dn: 'cn=reader,dc=example,dc=com',
  ldap_search_password: 'secret',
  ldap_uid: 'uid',
}
const read = (more: HarborSettings = {}) => readHarborLdapSettings({ ...HARBOR, ...more })

describe('settings of a Harbor', () => {
  it('become options that work', () => {
    expect(read()).toEqual({
      url: 'ldaps://ldap.example.com',
      baseDn: 'ou=people,dc=example,dc=com',
      scope: 'sub',
      usernameAttribute: 'uid',
      bindDn: 'cn=reader,dc=example,dc=com',
      bindPassword: 'secret',
      attributes: { memberOf: 'memberOf' },
      groups: { from: 'nowhere' },
      timeouts: { connectMs: 5_000 },
    })
    expect(ldapAuth(read()).mode).toBe('ldap_auth')
  })

  it('take groups over with their filter, base, name and scope', () => {
    const groups = {
      ldap_group_search_filter: 'objectClass=groupOfNames',
      ldap_group_base_dn: 'ou=groups,dc=example,dc=com',
      ldap_group_attribute_name: 'ou',
      ldap_group_search_scope: 1,
      ldap_group_admin_dn: ' cn=admins,ou=groups,dc=example,dc=com ',
      ldap_group_membership_attribute: 'memberof',
    }
    expect(read(groups)).toMatchObject({
      groups: {
        from: 'search',
        filter: '(objectClass=groupOfNames)',
        baseDn: 'ou=groups,dc=example,dc=com',
        nameAttribute: 'ou',
        scope: 'one',
      },
      adminGroupDn: 'cn=admins,ou=groups,dc=example,dc=com',
      attributes: { memberOf: 'memberof' },
    })
    expect(ldapAuth(read(groups)).mode).toBe('ldap_auth')
  })

  it.each([
    ['ldap.example.com', 'ldap://ldap.example.com', true],
    ['ldap.example.com:636', 'ldaps://ldap.example.com:636', undefined],
    ['ldap://ldap.example.com:636', 'ldaps://ldap.example.com:636', undefined],
    ['LDAPS://ldap.example.com:1636', 'ldaps://ldap.example.com:1636', undefined],
    ['ldap://ldap.example.com:389', 'ldap://ldap.example.com:389', true],
  ])('read the URL %s as Harbor does', (ldap_url, url, insecureAllowPlaintext) => {
    const options = read({ ldap_url })
    expect([options.url, options.insecureAllowPlaintext]).toEqual([url, insecureAllowPlaintext])
    expect(ldapAuth(options).mode).toBe('ldap_auth')
  })

  it.each([
    ['true', undefined],
    ['T', undefined],
    [true, undefined],
    ['', undefined],
    ['false', { insecureSkipVerify: true }],
    ['F', { insecureSkipVerify: true }],
    [0, { insecureSkipVerify: true }],
  ])('read %j as Go does, and skip no verification unless told so', (ldap_verify_cert, tls) => {
    expect(read({ ldap_verify_cert }).tls).toEqual(tls)
  })

  it.each([
    [0, 'base'],
    ['1', 'one'],
    ['2.0', 'sub'],
    ['2e+00', 'sub'],
    [undefined, 'sub'],
  ])('read the scope %j', (ldap_scope, scope) => {
    expect(read({ ldap_scope }).scope).toBe(scope)
  })

  it('have the defaults of Harbor', () => {
    const options = readHarborLdapSettings({ ldap_url: 'ldaps://x', ldap_base_dn: 'dc=x' })
    expect(options).toMatchObject({ usernameAttribute: 'cn', scope: 'sub', timeouts: { connectMs: 5_000 } })
    expect(options).not.toHaveProperty('bindDn')
    expect(read({ ldap_filter: ' mail=* ' }).filter).toBe('(mail=*)')
    expect(read({ ldap_filter: '(mail=*)' }).filter).toBe('(mail=*)')
    expect(read({ ldap_timeout: '5e+00' }).timeouts).toEqual({ connectMs: 5_000 })
  })

  it('are refused whole, by the names they have in Harbor', () => {
    const settings = {
      ldap_url: '',
      ldap_scope: 3,
      ldap_timeout: 'soon',
      ldap_verify_cert: 'yes',
      ldap_search_password: '<enc-v1>AAAA',
      ldap_filter: ['x'],
      ldap_group_search_filter: '(a=b)',
      ldap_group_membership_attribute: 'msds-memberOfTransitive',
    }
    let message = ''
    try {
      readHarborLdapSettings(settings)
    } catch (error) {
      message = String(error)
      expect(error).toMatchObject({ code: 'ERR_CONFIGURATION' })
    }
    for (const key of [
      ...Object.keys(settings).filter((name) => name !== 'ldap_group_search_filter'),
      'ldap_base_dn',
    ]) {
      expect(message).toContain(key)
    }
    expect(message).not.toContain('AAAA')
  })

  it('JSX-01: are read from the settings alone, not from what every object has', () => {
    const settings = Object.create({ ldap_url: 'ldaps://planted.example.com', ldap_base_dn: 'dc=x' })
    expect(() => readHarborLdapSettings(settings)).toThrow('ldap_url must not be empty')
  })
})
