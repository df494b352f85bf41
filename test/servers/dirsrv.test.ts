import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { executeOrThrow } from './command.ts'
import { type DirectoryServer, requiresDirectoryServer, startDirectoryServer } from './dirsrv.ts'
import { locate } from './requirements.ts'

const PEOPLE = `
dn: uid=jane,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: jane
cn: Jane Doe
sn: Doe
userPassword: jane-secret

dn: cn=team,ou=groups,dc=example,dc=test
objectClass: groupOfNames
cn: team
member: uid=jane,ou=people,dc=example,dc=test
`

const need = requiresDirectoryServer()
describe.skipIf(need.skip)(`389 Directory Server${need.note}`, () => {
  let server: DirectoryServer
  beforeAll(async () => {
    server = await startDirectoryServer({ ldif: PEOPLE })
  })
  afterAll(() => server?.stop())

  it('shows people who have bound what it knows of them', async () => {
    const as = ['-x', '-LLL', '-H', server.url, '-D', `uid=jane,ou=people,${server.baseDn}`, '-w', 'jane-secret']
    const found = await executeOrThrow(
      locate('slapd', 'ldapsearch'),
      [...as, '-b', server.baseDn, '(uid=jane)', 'memberOf', 'nsUniqueId', 'entryUUID', 'userPassword'],
      { env: { LDAPNOINIT: '1' } },
    )
    expect(found).toContain('memberOf: cn=team,ou=groups,dc=example,dc=test')
    expect(found).toMatch(/^nsUniqueId: /m)
    expect(found).toMatch(/^entryUUID: /m)
    expect(found).not.toContain('userPassword')
  })
})
