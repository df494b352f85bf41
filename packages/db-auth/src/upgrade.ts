import type { PasswordRow, PasswordStore, StoredPassword } from '@lockkeeper/core'

/** What became of writing a password anew; `changed` is one that somebody else changed meanwhile. */
export type Upgrade = 'upgraded' | 'changed' | 'failed'

/** Told of every upgrade; `error` is there when it failed. */
export type OnUpgrade = (upgrade: Upgrade, accountId: number, error?: unknown) => void

/** Replaces a password if nobody changed it meanwhile. The login has succeeded by then, and no failure here undoes that. */
export async function writeUpgrade(
  passwords: PasswordStore,
  { account, stored }: PasswordRow,
  next: StoredPassword,
  tell: OnUpgrade = () => {},
): Promise<void> {
  try {
    const isReplaced = await passwords.replace(account.id, stored, next)
    tell(isReplaced ? 'upgraded' : 'changed', account.id)
  } catch (error) {
    tell('failed', account.id, error)
  }
}
