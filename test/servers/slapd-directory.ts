import type { Certificates } from './certificates.ts'

/** Where everything is, and who may look. */
export const DIRECTORY = {
  baseDn: 'dc=example,dc=test',
  admin: { dn: 'cn=admin,dc=example,dc=test', password: 'admin-secret' },
  reader: { dn: 'cn=reader,dc=example,dc=test', password: 'reader-secret' },
} as const

const { baseDn, admin, reader } = DIRECTORY

/**
 * The configuration of a directory in `folder`. Unbound searches are refused and unpaged answers end at 200 entries, so
 * that a client that forgets to bind or to page finds out.
 */
export const configure = (folder: string, tls: Certificates): string => `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload ppolicy
pidfile ${folder}/slapd.pid
disallow bind_anon
require authc
TLSCACertificateFile ${tls.ca}
TLSCertificateFile ${tls.certificate}
TLSCertificateKeyFile ${tls.key}
database mdb
suffix "${baseDn}"
rootdn "${admin.dn}"
rootpw ${admin.password}
directory ${folder}/db
maxsize 67108864
dbnosync
index uid,mail,cn,member,memberOf,objectClass eq
access to attrs=userPassword by anonymous auth by self write by * none
access to * by dn.exact="${reader.dn}" read by self read by * none
limits dn.exact="${reader.dn}" size.soft=200 size.hard=300 size.pr=unlimited size.prtotal=unlimited
overlay memberof
overlay ppolicy
ppolicy_default "cn=default,ou=policies,${baseDn}"
ppolicy_use_lockout
`

/** The entries that every directory starts with, as LDIF. */
export const skeleton = (lockAfterFailures: number | undefined): string => `
dn: ${baseDn}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,${baseDn}
objectClass: organizationalUnit
ou: people

dn: ou=groups,${baseDn}
objectClass: organizationalUnit
ou: groups

dn: ou=policies,${baseDn}
objectClass: organizationalUnit
ou: policies

dn: ${reader.dn}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: ${reader.password}

dn: cn=default,ou=policies,${baseDn}
objectClass: device
objectClass: pwdPolicy
cn: default
pwdAttribute: userPassword
pwdLockout: ${lockAfterFailures === undefined ? 'FALSE' : 'TRUE'}
pwdMaxFailure: ${lockAfterFailures ?? 0}
`
