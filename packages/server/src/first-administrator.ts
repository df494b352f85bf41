import { ConfigurationError, canonicalName } from '@lockkeeper/core'
import { generatePassword } from './choose-password.ts'
import type { Stores } from './stores.ts'

const VARIABLE = 'LOCKKEEPER_ADMIN_PASSWORD'

/** The first administrator, when this start gave them a password; `password` only when it was generated. */
export interface FirstAdministrator {
  readonly name: string
  readonly password?: string
}

/**
 * Gives the account with id 1 its first password where it has none: that of `LOCKKEEPER_ADMIN_PASSWORD`, or a generated
 * one. No default password ships. Of several processes that start at once, one does.
 *
 * @throws {ConfigurationError} when the password in the environment is a sample value or too short.
 */
export async function ensureFirstAdministrator(
  { accounts, hasher, checkPassword }: Pick<Stores, 'accounts' | 'hasher' | 'checkPassword'>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<FirstAdministrator | undefined> {
  const first = await accounts.findById(1)
  const canonical = first && canonicalName(first.username)
  const row = first && canonical ? await accounts.find({ typed: first.username, canonical }) : undefined
  if (row?.account.id !== 1 || row.stored.hash !== '') return undefined
  const name = row.account.username
  const given = environment[VARIABLE]
  if (given !== undefined) checkGiven(() => checkPassword(given, name))
  const password = given ?? generatePassword()
  if (!(await accounts.replace(1, row.stored, await hasher.hash(password)))) return undefined
  return { name, ...(given === undefined && { password }) }
}

function checkGiven(check: () => void): void {
  try {
    check()
  } catch (error) {
    const message = error instanceof Error ? error.message : 'cannot be used'
    throw new ConfigurationError(VARIABLE, [{ path: '', message }], { cause: error })
  }
}
