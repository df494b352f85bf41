import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requires } from '../../../test/servers/requirements.ts'
import { type SlapdServer, startSlapd } from '../../../test/servers/slapd.ts'
import type { LdapAuthOptions } from '../src/index.ts'
import { OPERATION } from '../src/wire/answer.ts'
import { call, stubAuth } from './logins.ts'
import { PEOPLE, slapdAuth } from './people.ts'
import { oneJane, result, startStub } from './stub-directory.ts'

const CONFIGURATION = 'ERR_CONFIGURATION'
const DOWN = 'ERR_BACKEND_UNAVAILABLE'

/** What a person is told; `{port}` stands for the port of the directory. */
type Case = readonly [
  what: string,
  options: (server: SlapdServer) => Partial<LdapAuthOptions>,
  code: string,
  words: string,
]

// biome-ignore format: a table is read by column
const CASES: readonly Case[] = [
  ['a name that cannot be resolved', () => ({ url: 'ldaps://ldap.invalid' }), CONFIGURATION,
    'url may be wrong: cannot use ldap.invalid:636: its name cannot be resolved'],
  ['a port where nobody listens', () => ({ url: 'ldaps://127.0.0.1:1' }), DOWN,
    'cannot use 127.0.0.1:1: it refuses connections'],
  ['a certificate for another name', ({ ldapsUrl }) => ({ url: ldapsUrl.replace('127.0.0.1', '127.0.0.2') }), DOWN,
    'refuses connections'],
  ['a certificate for another name that is asked for', (server) => ({ tls: { ca: readFileSync(server.ca, 'utf8'), serverName: 'ldap.example.com' } }), CONFIGURATION,
    'tls.serverName may be wrong: cannot use 127.0.0.1:{port}: its certificate is for another name'],
  ['a certificate of an unknown authority', () => ({ tls: {} }), CONFIGURATION,
    'tls.ca may be wrong: cannot use 127.0.0.1:{port}: its certificate is signed by nobody who is trusted here'],
  ['a port without TLS', ({ url }) => ({ url: url.replace('ldap:', 'ldaps:') }), DOWN,
    'it hung up before TLS was agreed on; is this the port of ldap://? Then write ldap:// and startTls: true'],
  ['a port for TLS', ({ ldapsUrl }) => ({ url: ldapsUrl.replace('ldaps:', 'ldap:'), startTls: true }), DOWN,
    'the connection ended during StartTLS; is this the port of ldaps://?'],
  ['a password of the search account that is wrong', () => ({ bindPassword: 'wrong' }), CONFIGURATION,
    'bindPassword may be wrong: the search account cn=reader,dc=example,dc=test is refused by 127.0.0.1:{port} (code 49)'],
  ['a search account that does not exist', () => ({ bindDn: 'cn=nobody,dc=example,dc=test' }), CONFIGURATION,
    'the search account cn=nobody,dc=example,dc=test is refused'],
  ['no search account', () => ({ bindDn: undefined, bindPassword: undefined }), CONFIGURATION,
    'bindDn may be wrong: 127.0.0.1:{port} cannot search below dc=example,dc=test: it does not search for whoever did not bind'],
  ['a base that does not exist', () => ({ baseDn: 'ou=missing,dc=example,dc=test' }), CONFIGURATION,
    'baseDn may be wrong: 127.0.0.1:{port} cannot search below ou=missing,dc=example,dc=test: there is no such entry'],
  ['a base of another directory', () => ({ baseDn: 'dc=example,dc=org' }), CONFIGURATION,
    'baseDn may be wrong'],
  ['a filter that matches nobody', () => ({ filter: '(mail=nobody@example.test)' }), CONFIGURATION,
    'filter may be wrong: no entry below dc=example,dc=test has uid and matches filter'],
  ['an attribute that nobody has', () => ({ usernameAttribute: 'sAMAccountName' }), CONFIGURATION,
    'usernameAttribute may be wrong: no entry below dc=example,dc=test has sAMAccountName'],
  ['a base of groups that does not exist', () => ({ groups: { from: 'search', baseDn: 'ou=missing,dc=example,dc=test' } }), CONFIGURATION,
    'groups.baseDn may be wrong'],
  ['a group of administrators that does not exist', () => ({ adminGroupDn: 'cn=missing,ou=groups,dc=example,dc=test' }), CONFIGURATION,
    'adminGroupDn may be wrong'],
]

const need = requires('slapd', 'openssl')
describe.skipIf(need.skip)(`what is wrong with a configuration${need.note}`, () => {
  let server: SlapdServer
  beforeAll(async () => {
    server = await startSlapd({ ldif: PEOPLE })
  })
  afterAll(() => server?.stop())

  async function pingWith(options: Partial<LdapAuthOptions>) {
    const auth = slapdAuth(server, options)
    try {
      await auth.ping?.(call)
      return { code: 'fine', message: '' }
    } catch (error) {
      return error as { code: string; message: string }
    } finally {
      await auth[Symbol.asyncDispose]()
    }
  }
  const portOf = (url: string) => new URL(url).port

  it.each(CASES)('is said of %s', async (_, options, code, words) => {
    const error = await pingWith(options(server))
    expect(error).toMatchObject({ code })
    const url = [options(server).url ?? server.ldapsUrl].flat()[0] ?? ''
    expect(error.message).toContain(words.replace('{port}', portOf(url)))
    expect(error.message).not.toContain(server.reader.password)
  })

  it('is nothing when everything is right, with every option that a login uses', async () => {
    const groups = { from: 'search', baseDn: 'ou=groups,dc=example,dc=test', nested: true } as const
    const adminGroupDn = 'cn=team,ou=groups,dc=example,dc=test'
    expect(await pingWith({ groups, adminGroupDn, filter: '(objectClass=inetOrgPerson)' })).toMatchObject({
      code: 'fine',
    })
    expect(await pingWith({ url: server.url, startTls: true })).toMatchObject({ code: 'fine' })
  })

  it('is listed whole', async () => {
    const error = await pingWith({
      baseDn: 'ou=missing,dc=example,dc=test',
      adminGroupDn: 'cn=missing,dc=example,dc=test',
    })
    expect(error.message).toContain('baseDn may be wrong')
    expect(error.message).toContain('adminGroupDn may be wrong')
  })

  it('is said of each server; one that is merely down is no reason while another answers', async () => {
    expect(await pingWith({ url: ['ldaps://127.0.0.1:1', server.ldapsUrl] })).toMatchObject({ code: 'fine' })
    const both = await pingWith({ url: ['ldaps://ldap.invalid', server.ldapsUrl] })
    expect(both).toMatchObject({ code: CONFIGURATION })
    expect(await pingWith({ url: ['ldaps://127.0.0.1:1', 'ldaps://127.0.0.1:2'] })).toMatchObject({ code: DOWN })
  })

  it('is said of TLS and names alone where people are bound directly', async () => {
    const direct = { bindDn: undefined, bindPassword: undefined, userDnTemplate: 'uid={username},dc=missing' }
    expect(await pingWith(direct)).toMatchObject({ code: 'fine' })
    expect(await pingWith({ ...direct, tls: {} })).toMatchObject({ code: CONFIGURATION })
  })

  it.each([
    [8, CONFIGURATION, 'url may be wrong: 127.0.0.1:{port} takes passwords over TLS alone'],
    [13, CONFIGURATION, 'url may be wrong: 127.0.0.1:{port} takes passwords over TLS alone'],
    [51, DOWN, '127.0.0.1:{port} is too busy or shutting down (code 51)'],
    [52, DOWN, '127.0.0.1:{port} is too busy or shutting down (code 52)'],
  ])('is that the search account is answered with code %i', async (resultCode, code, words) => {
    const stub = await startStub(({ id }, socket) => socket.write(result(id, OPERATION.bindResponse, resultCode)))
    const auth = stubAuth(stub.url)
    const message = expect.stringContaining(words.replace('{port}', String(stub.port)))
    await expect(auth.ping?.(call)).rejects.toMatchObject({ code, message })
    await stub.close()
  })

  it('is that a directory refuses StartTLS', async () => {
    const stub = await startStub(oneJane, {
      onStartTls: (id, socket) => socket.write(result(id, OPERATION.extendedResponse, 2)),
    })
    const auth = stubAuth(stub.url, { startTls: true })
    const message = expect.stringMatching(/startTls may be wrong: .*the directory refuses StartTLS \(code 2\)/)
    await expect(auth.ping?.(call)).rejects.toMatchObject({ code: CONFIGURATION, message })
    await stub.close()
  })
})
