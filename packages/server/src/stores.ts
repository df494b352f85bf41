import { resolve } from 'node:path'
import {
  type Database,
  type DatabaseOptions,
  openDatabase,
  type SqlAccounts,
  sqlAccounts,
  sqlProjects,
} from '@lockkeeper/database'
import { checkNewPassword, createPasswordHasher, type PasswordHasher } from '@lockkeeper/db-auth'
import type { ProjectManager } from '@lockkeeper/rbac'
import type { PlaceOptions } from './commands/context.ts'
import { type LoadedSettings, loadSettings } from './config/load.ts'
import { withKeysOf } from './config/section-keys.ts'
import { readTexts } from './config/texts.ts'
import { type DataFolder, openDataFolder } from './data-folder.ts'

/** What is stored, opened for one command or for a server. */
export interface Stores {
  readonly database: Database
  readonly accounts: SqlAccounts
  readonly projects: ProjectManager
  /** Shared by logins and commands, so that all hashing of this process has one bound. */
  readonly hasher: PasswordHasher
  /** @throws {InvalidInputError} for a password that must not be set. */
  checkPassword(password: string, username?: string): void
}

/** Where a command works: what is configured, and where the data is. */
export interface Place extends LoadedSettings {
  readonly data: DataFolder
}

/** Reads the configuration and opens the data folder. @throws {ConfigurationError} */
export async function findPlace(options: PlaceOptions): Promise<Place> {
  const loaded = await loadSettings(options.config)
  return { ...loaded, data: await openDataFolder(options.data) }
}

/** Opens the database that is configured, or the embedded one. Nothing is asked of it yet. @throws {ConfigurationError} */
export function openStores(place: Place): Stores {
  const { upgradeOnLogin: _, ...hashing } = place.settings.auth.db_auth
  const hasher = withKeysOf('db_auth', () => createPasswordHasher(hashing))
  const forHarbor = hashing.sharedWithHarbor === true
  const database = openDatabase(databaseOptions(place))
  return {
    database,
    accounts: sqlAccounts(database),
    projects: sqlProjects(database),
    hasher,
    checkPassword: (password, username) =>
      checkNewPassword(password, { forHarbor, ...(username !== undefined && { username }) }),
  }
}

/** Whether the database is the embedded one, which is migrated without being asked. */
export const isEmbedded = ({ settings }: Place): boolean => settings.database === undefined

/** Runs work on the stores and closes them, whatever happened. */
export async function withStores(
  options: PlaceOptions,
  work: (stores: Stores, place: Place) => Promise<void>,
): Promise<void> {
  const place = await findPlace(options)
  const stores = openStores(place)
  try {
    if (isEmbedded(place)) await stores.database.migrate()
    await work(stores, place)
  } finally {
    await stores.database.close()
  }
}

/** `openDatabase` checks what was configured. */
function databaseOptions({ settings, folder, data }: Place): DatabaseOptions {
  if (settings.database === undefined) return { client: 'better-sqlite3', connection: { filename: data.databaseFile } }
  const database = readTexts('database', settings.database, folder) as DatabaseOptions
  const { connection } = database
  const isFile = typeof connection === 'object' && 'filename' in connection && typeof connection.filename === 'string'
  if (!isFile) return database
  // A SQLite file is named relative to the configuration file.
  return {
    ...database,
    connection: { ...connection, filename: resolve(folder, connection.filename) },
  } as DatabaseOptions
}
