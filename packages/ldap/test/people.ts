import { readFileSync } from 'node:fs'
import type { SlapdServer } from '../../../test/servers/slapd.ts'
import { type LdapAuthenticator, type LdapAuthOptions, ldapAuth } from '../src/index.ts'

/** An entry of somebody whose password is the name and `-secret`. */
export const person = (uid: string, more: readonly string[] = [], below = 'ou=people') => `
dn: uid=${uid},${below},dc=example,dc=test
objectClass: inetOrgPerson
uid: ${uid}
cn: ${uid}
sn: ${uid}
userPassword: ${uid}-secret
${more.join('\n')}
`

/** An entry of a group. */
export const group = (name: string, ...members: readonly string[]) => `
dn: cn=${name},ou=groups,dc=example,dc=test
objectClass: groupOfNames
cn: ${name}
${members.map((member) => `member: ${member}`).join('\n')}
`

export const JANE = 'uid=jane,ou=people,dc=example,dc=test'
/** The name of a group's entry. */
export const groupDn = (name: string) => `cn=${name},ou=groups,dc=example,dc=test`

/** Jane and others, and groups three deep that end in a circle. */
export const PEOPLE = [
  person('jane', ['displayName: Jane Doe', 'mail: jane@example.test']),
  person('joan'),
  person('Cäsar'),
  person('locked'),
  'dn: ou=other,dc=example,dc=test\nobjectClass: organizationalUnit\nou: other\n',
  person('twice'),
  person('twice', [], 'ou=other'),
  person('several', ['uid: more']),
  person('star*'),
  group('team', JANE),
  group('department', groupDn('team')),
  group('company', groupDn('department')),
  group('circle', groupDn('company'), groupDn('circle')),
  group('elsewhere', 'uid=joan,ou=people,dc=example,dc=test'),
  `
dn: cn=Smith\\2C Jane+ou=x,ou=groups,dc=example,dc=test
objectClass: groupOfNames
objectClass: extensibleObject
cn: Smith, Jane
ou: x
member: ${JANE}
`,
  `
dn: cn=unix,ou=groups,dc=example,dc=test
objectClass: groupOfNames
objectClass: extensibleObject
cn: unix
member: uid=joan,ou=people,dc=example,dc=test
description: jane
`,
].join('\n')

/** An authenticator of the people of a slapd. */
export const slapdAuth = (server: SlapdServer, more: Partial<LdapAuthOptions> = {}): LdapAuthenticator =>
  ldapAuth({
    url: server.ldapsUrl,
    tls: { ca: readFileSync(server.ca, 'utf8') },
    baseDn: server.baseDn,
    bindDn: server.reader.dn,
    bindPassword: server.reader.password,
    ...more,
  })
