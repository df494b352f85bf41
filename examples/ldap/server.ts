import { readFileSync } from 'node:fs'
import { compose } from '@lockkeeper/compose'
import { memoryAccounts } from '@lockkeeper/core'
import { serve } from '@lockkeeper/http/node'
import { ldapAuth } from '@lockkeeper/ldap'
import { memoryProjects } from '@lockkeeper/rbac'
import { generateKeys } from '@lockkeeper/registry-token/keys'
import { startSlapd } from '../../test/servers/slapd.ts'

// A directory that is gone when the program ends: two people, and a team of one of them.
const person = (uid: string) => `
dn: uid=${uid},ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: ${uid}
cn: ${uid}
sn: ${uid}
userPassword: ${uid}-secret
`
const directory = await startSlapd({
  ldif: `${person('jane')}${person('joan')}
dn: cn=team,ou=groups,dc=example,dc=test
objectClass: groupOfNames
cn: team
member: uid=jane,ou=people,dc=example,dc=test
`,
})

// What you would write for yours.
const ldap = ldapAuth({
  url: directory.ldapsUrl,
  tls: { ca: readFileSync(directory.ca, 'utf8') },
  baseDn: 'ou=people,dc=example,dc=test',
  bindDn: directory.reader.dn,
  bindPassword: directory.reader.password,
})
await ldap.ping?.({ signal: AbortSignal.timeout(10_000) })

// The team may push to one project (role 2 is developer); nobody else sees it.
const accounts = memoryAccounts()
const [team = 0] = await accounts.groupIds('ldap_auth', [{ key: 'cn=team,ou=groups,dc=example,dc=test' }])

const listen = process.argv[2] ?? '127.0.0.1:8080'
const server = compose({
  authenticators: [ldap],
  accountStore: accounts,
  projects: memoryProjects([{ name: 'shop', groups: { [team]: 2 } }]),
  externalUrl: `http://${listen}`,
  tokenOptions: { issuer: 'ldap-example', services: { registry: {} }, keys: await generateKeys() },
})
const listening = await serve(server.handler, { listen })
console.log(`ready: docker login ${listen} -u jane   (password: jane-secret)`)

process.once('SIGINT', stop).once('SIGTERM', stop)
async function stop() {
  await listening.stop()
  await ldap[Symbol.asyncDispose]()
  await directory.stop()
}
