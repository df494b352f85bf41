import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseDn } from '../src/dn.ts'
import { type LdapAuthenticator, ldapAuth } from '../src/index.ts'
import { OPERATION } from '../src/wire/answer.ts'
import { login, outcomeOf } from './logins.ts'
import { BASE, entry, result, type StubDirectory, startStub } from './stub-directory.ts'

const NAMES = [
  'EXTERNAL',
  'PLAIN',
  'DIGEST-MD5',
  'SCRAM-SHA-1',
  'jane,ou=admins',
  'jane+cn=admin',
  'jane"',
  'jane\\',
  'jane\\2c',
  '<jane>',
  'jane;cn=x',
  'uid=jane',
  '#jane',
  '#04024a4a',
  'jane doe',
  'žofie',
  '{username}',
  '$&$1',
]

describe('names that people type where they are bound directly', () => {
  let stub: StubDirectory
  let auth: LdapAuthenticator
  beforeEach(async () => {
    stub = await startStub(({ id, operation, base }, socket) => {
      if (operation === OPERATION.bindRequest) socket.write(result(id, OPERATION.bindResponse, 0))
      if (operation !== OPERATION.searchRequest) return
      socket.write(entry(id, base, { uid: [parseDn(base)?.leafValue ?? ''] }))
      socket.write(result(id, OPERATION.searchDone, 0))
    })
    auth = ldapAuth({
      url: stub.url,
      insecureAllowPlaintext: true,
      userDnTemplate: `uid={username},ou=people,${BASE}`,
    })
  })
  afterEach(async () => {
    await auth[Symbol.asyncDispose]()
    await stub.close()
  })

  it.each(NAMES)('LDP-03: %j is one value of a simple bind, never more', async (name) => {
    expect(await outcomeOf(login(auth, name, 'secret'))).toBe('authenticated')
    const binds = stub.requests.filter(({ operation }) => operation === OPERATION.bindRequest)
    expect(binds.map(({ method }) => method)).toEqual(['simple'])
    const dn = parseDn(binds[0]?.name ?? '')
    expect(dn?.leafValue).toBe(name.toLowerCase())
    expect(dn?.rdns.slice(1)).toEqual(['ou=people', 'dc=example', 'dc=test'])
  })
})
