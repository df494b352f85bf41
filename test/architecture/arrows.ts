/** What one package may import, beside itself and what Node brings. */
export interface Row {
  /** Packages of ours, by the name of their folder. */
  readonly ours: readonly string[]
  /** Packages of others, each with one job. */
  readonly others: readonly string[]
}

/** What the server may import. */
export const EVERYTHING_BUT_TESTING = [
  'core',
  'registry-protocol',
  'lockout',
  'rbac',
  'db-auth',
  'ldap',
  'oidc',
  'uaa',
  'authproxy',
  'database',
  'registry-token',
  'http',
  'compose',
]
/** One for each kind of database; the server brings them all. */
export const DRIVERS = ['better-sqlite3', 'pg', 'mysql2']

/** Who may import whom, from the bottom up. The table in ARCHITECTURE.md says the same, and a test compares them. */
// biome-ignore format: a table is read by eye, column by column.
export const ARROWS: Readonly<Record<string, Row>> = {
  core:                { ours: [],                                                          others: [] },
  'registry-protocol': { ours: [],                                                          others: [] },
  lockout:             { ours: ['core'],                                                    others: [] },
  rbac:                { ours: ['core'],                                                    others: [] },
  'db-auth':           { ours: ['core'],                                                    others: ['@node-rs/argon2', 'zod'] },
  ldap:                { ours: ['core'],                                                    others: ['ldapts', 'zod'] },
  oidc:                { ours: ['core'],                                                    others: ['jose', 'openid-client', 'zod'] },
  uaa:                 { ours: ['core'],                                                    others: ['zod'] },
  authproxy:           { ours: ['core'],                                                    others: ['zod'] },
  database:            { ours: ['core', 'lockout', 'rbac'],                                 others: ['knex', 'zod'] },
  'registry-token':    { ours: ['core', 'rbac', 'registry-protocol'],                       others: ['jose', '@node-rs/bcrypt', 'zod', '@peculiar/x509', 'reflect-metadata/lite'] },
  http:                { ours: ['core', 'rbac', 'registry-protocol', 'registry-token'],     others: ['zod'] },
  compose:             { ours: ['core', 'lockout', 'rbac', 'registry-token', 'http'],       others: ['tsyringe', 'reflect-metadata/lite'] },
  server:              { ours: EVERYTHING_BUT_TESTING,                                      others: ['commander', 'yaml', 'pino', 'zod', 'ioredis', ...DRIVERS] },
  testing:             { ours: ['core', 'lockout', 'rbac', 'registry-protocol', 'registry-token'], others: [] },
}

/** The packages that touch neither network, files nor processes, whatever Node offers. */
export const WITHOUT_INPUT_AND_OUTPUT = ['core', 'registry-protocol', 'lockout', 'rbac']

/** What those may import of Node: computation, and nothing that reaches outside the process. */
export const COMPUTATION = ['node:buffer', 'node:crypto', 'node:util']

/** The exception: the one client for HTTP backends that every auth mode shares. */
export const HTTP_CLIENT = /^packages\/core\/src\/http-[a-z-]+\.ts$/

/** Imported by the entry point on the right alone, so that nobody pays for it who does not use it. */
export const BEHIND_ANOTHER_ENTRY_POINT: Readonly<
  Record<string, { readonly package: string; readonly entry: string }>
> = {
  '@peculiar/x509': { package: 'registry-token', entry: './keys' },
}
