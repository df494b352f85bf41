import { canonicalName, type Identity, type LoginName, type StoredPassword } from '@lockkeeper/core'

/** A name as a login hands it on. */
export const named = (typed: string): LoginName => ({ typed, canonical: canonicalName(typed) ?? typed })

/** Somebody from a directory. */
export const identity = (username: string, more: Partial<Identity> = {}): Identity => ({
  mode: 'ldap_auth',
  issuer: 'ldaps://directory.example.com/dc=example,dc=com',
  subject: `uuid-of-${username}`,
  username,
  groups: [],
  ...more,
})

/** A row that looks like one of Harbor's. */
export const password: StoredPassword = { hash: 'f'.repeat(32), salt: 'salt', scheme: 'sha256' }
