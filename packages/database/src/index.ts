export { type SqlAccounts, sqlAccounts } from './accounts/sql-accounts.ts'
export type { Database, Dialect } from './database.ts'
export { openDatabase } from './open-database.ts'
export type { DatabaseOptions } from './options.ts'
