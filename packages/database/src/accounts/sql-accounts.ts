import {
  type AccountAdministration,
  type AccountStore,
  type Clock,
  type PasswordStore,
  systemClock,
} from '@lockkeeper/core'
import type { Database } from '../database.ts'
import { accountReads } from './account-reads.ts'
import { administration } from './administration.ts'
import { type GroupAdministration, groupReads } from './groups.ts'
import { onboarding } from './onboarding.ts'
import { passwords } from './passwords.ts'
import { profileWrites } from './profile.ts'

/** Every store of accounts in one object. */
export type SqlAccounts = AccountStore & AccountAdministration & GroupAdministration & PasswordStore

/**
 * Keeps accounts, links, groups and local passwords in Harbor's tables, beside a Harbor or without one.
 *
 * On a database of Harbor's: names are matched exactly; existing people of other modes are recognised, refused a local
 * password, and adopted once by their mode; passwords are written only in schemes that Harbor verifies.
 */
export function sqlAccounts(db: Database, parts: { readonly clock?: Clock } = {}): SqlAccounts {
  const clock = parts.clock ?? systemClock
  return {
    ...accountReads(db),
    ...onboarding(db, clock),
    ...profileWrites(db, clock),
    ...groupReads(db, clock),
    ...administration(db, clock),
    ...passwords(db, clock),
  }
}
