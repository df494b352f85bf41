import { type MemoryAccounts, memoryAccounts, type StoredPassword } from '@lockkeeper/core'

/** A call with time enough. */
export const call = { signal: new AbortController().signal }

export const named = (typed: string) => ({ typed, canonical: typed.toLowerCase() })

/** Rows that Harbor wrote, all of the password `content`. */
export const HARBOR_ROWS = {
  sha1: { hash: 'dc79e76c88415c97eb089d9cc80b4ab0', salt: 'salt', scheme: 'sha1' },
  sha256: { hash: '83d3d6f3e7cacb040423adf7ced63d21', salt: 'salt', scheme: 'sha256' },
  pbkdf2_sha256: { hash: 'd15f6db3557c3e526ef15398ab2cefe8', salt: 'salt', scheme: 'pbkdf2_sha256' },
} as const satisfies Record<string, StoredPassword>

/** One more for each of the old versions, of the password `Harbor12345`. */
export const MORE_HARBOR_ROWS = {
  sha1: { hash: '151f49c7976c1a1f1d026e1197472cfc', salt: 'mysalt', scheme: 'sha1' },
  sha256: { hash: 'c8578b672f362b814e5edb9bec9b121f', salt: 'mysalt', scheme: 'sha256' },
} as const satisfies Record<string, StoredPassword>

/** Accounts with the rows given, by user name; people of another mode are added with `external`. */
export async function peopleWith(
  rows: Readonly<Record<string, StoredPassword>>,
  external: readonly string[] = [],
): Promise<MemoryAccounts> {
  const accounts = memoryAccounts()
  for (const [username, password] of Object.entries(rows)) await accounts.add({ username, password })
  for (const username of external) {
    const identity = { mode: 'ldap_auth', issuer: 'ldap://directory', subject: username, username, groups: [] }
    await accounts.onboard(identity)
  }
  return accounts
}
