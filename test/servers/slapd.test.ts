import { readFileSync } from 'node:fs'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { execute, executeOrThrow } from './command.ts'
import { locate, requires } from './requirements.ts'
import { type SlapdServer, startSlapd } from './slapd.ts'

const JANE = 'uid=jane,ou=people,dc=example,dc=test'
const PEOPLE = `
dn: ${JANE}
objectClass: inetOrgPerson
uid: jane
cn: Jane Doe
sn: Doe
userPassword: jane-secret

dn: cn=team,ou=groups,dc=example,dc=test
objectClass: groupOfNames
cn: team
member: ${JANE}
`

const directory = requires('slapd', 'openssl')
describe.skipIf(directory.skip)(`OpenLDAP${directory.note}`, () => {
  let server: SlapdServer
  beforeAll(async () => {
    server = await startSlapd({ ldif: PEOPLE, lockAfterFailures: 2 })
  })
  afterAll(() => server?.stop())

  it('keeps memberOf for entries added over the wire', async () => {
    expect(await search(server, '(uid=jane)', 'memberOf')).toBe('memberOf: cn=team,ou=groups,dc=example,dc=test')
    await server.add(PEOPLE.replaceAll('jane', 'joan').replaceAll('team', 'other'))
    expect(await search(server, '(uid=joan)', 'memberOf')).toBe('memberOf: cn=other,ou=groups,dc=example,dc=test')
  })

  it('speaks TLS that its own authority vouches for', async () => {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    const options = { host: '127.0.0.1', port: Number(new URL(server.ldapsUrl).port), ca: readFileSync(server.ca) }
    const socket = connect(options, () => resolve(socket.authorized)).once('error', reject)
    expect(await promise).toBe(true)
    socket.destroy()
  })

  it('refuses anonymous people', async () => {
    const anonymous = await execute(locate('slapd', 'ldapwhoami'), ['-x', '-H', server.url])
    expect(anonymous.stderr).toContain('Inappropriate authentication (48)')
  })

  it('locks a person after as many wrong passwords as were asked for', async () => {
    const bind = async (password: string) =>
      (await execute(locate('slapd', 'ldapwhoami'), ['-x', '-H', server.url, '-D', JANE, '-w', password])).code
    expect(await bind('jane-secret')).toBe(0)
    for (const wrong of ['one', 'two']) expect(await bind(wrong)).toBe(49)
    expect(await bind('jane-secret')).toBe(49)
  })
})

/** The attribute's lines of all entries that match, found as `reader`. */
async function search(server: SlapdServer, filter: string, attribute: string): Promise<string> {
  const { dn, password } = server.reader
  const as = ['-x', '-LLL', '-H', server.url, '-D', dn, '-w', password]
  const found = await executeOrThrow(locate('slapd', 'ldapsearch'), [...as, '-b', server.baseDn, filter, attribute], {
    env: { LDAPNOINIT: '1' },
  })
  return found
    .split('\n')
    .filter((line) => line.startsWith(`${attribute}:`))
    .join('\n')
}
