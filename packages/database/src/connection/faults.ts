/** What an error of a driver means. */
export type Fault =
  /** A unique constraint was violated. */
  | { readonly kind: 'duplicate' }
  /** Nothing was done, and the same statement may succeed in a moment. */
  | { readonly kind: 'retry' }
  /** An outage. */
  | { readonly kind: 'down'; readonly message: string }
  /** Something that time does not mend. */
  | { readonly kind: 'unusable'; readonly message: string }

const duplicate: Fault = { kind: 'duplicate' }
const retry: Fault = { kind: 'retry' }
const down = (message: string): Fault => ({ kind: 'down', message })
const unusable = (message: string): Fault => ({ kind: 'unusable', message })

const UNREACHABLE = down('the server cannot be reached')
const SLOW = down('did not answer in time')
const LEAVING = down('the server is stopping, starting or full')
const CLOSED = down('is closed: this process is stopping')
const READ_ONLY = down('writes are refused at the moment: read-only, or the disk is full')
const REFUSED = unusable('the server refuses the user: check user and password of the connection')
const ABSENT = unusable('the database does not exist or is not for this user: create it, or check its name')
const NO_TABLES = unusable('tables or columns are missing: run `lockkeeper migrate`')
const NO_RIGHT = unusable('the user lacks rights on the tables: grant select, insert, update and delete')
const CORRUPT = unusable('the file is no SQLite database or is damaged: restore it, or move it away to start afresh')
const NO_FILE = unusable('the file cannot be opened: make its folder, and let this process write there')
const NO_TLS = unusable('the server offers no TLS: set it up there, or turn `tls` off')
const BAD_TLS = unusable(
  'the certificate of the server is not trusted: name its authority in `tls.ca`, and the host as it says',
)

// biome-ignore format: a table is read by column. An asterisk stands for any ending.
const CODES: readonly (readonly [Fault, string])[] = [
  //            SQLite                                            PostgreSQL             MariaDB and MySQL
  [duplicate,   'SQLITE_CONSTRAINT_UNIQUE SQLITE_CONSTRAINT_PRIMARYKEY 23505             ER_DUP_ENTRY'],
  [retry,       'SQLITE_BUSY* SQLITE_LOCKED*                      40001 40P01 55P03      ER_LOCK_DEADLOCK ER_LOCK_WAIT_TIMEOUT ER_CHECKREAD'],
  // A reservation that somebody else came between divides by zero.
  [retry,       '                                                 22012'],
  [NO_TABLES,   '                                                 42P01 42703            ER_NO_SUCH_TABLE ER_BAD_FIELD_ERROR'],
  [NO_RIGHT,    '                                                 42501                  ER_TABLEACCESS_DENIED_ERROR ER_COLUMNACCESS_DENIED_ERROR'],
  [CORRUPT,     'SQLITE_NOTADB SQLITE_CORRUPT*'],
  [NO_FILE,     'SQLITE_CANTOPEN* SQLITE_PERM SQLITE_AUTH EACCES EISDIR'],
  [REFUSED,     '                                                 28P01 28000            ER_ACCESS_DENIED*'],
  [ABSENT,      '                                                 3D000                  ER_BAD_DB_ERROR ER_DBACCESS_DENIED_ERROR'],
  [NO_TLS,      '                                                                        HANDSHAKE_NO_SSL_SUPPORT'],
  [BAD_TLS,     'ERR_TLS_CERT* DEPTH_ZERO* SELF_SIGNED* UNABLE_TO_* CERT_* HANDSHAKE_SSL_ERROR'],
  [READ_ONLY,   'SQLITE_READONLY* SQLITE_FULL                     25006 53100            ER_OPTION_PREVENTS_STATEMENT ER_READ_ONLY_MODE ER_DISK_FULL'],
  [LEAVING,     'SQLITE_IOERR*                                    57P* 53* 08*           ER_SERVER_SHUTDOWN ER_CON_COUNT_ERROR ER_TOO_MANY_USER_CONNECTIONS ER_HOST_IS_BLOCKED PROTOCOL_CONNECTION_LOST'],
  [SLOW,        'ETIMEDOUT                                        57014                  ER_QUERY_INTERRUPTED ER_STATEMENT_TIMEOUT ER_QUERY_TIMEOUT PROTOCOL_SEQUENCE_TIMEOUT'],
  [UNREACHABLE, 'ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ENOENT ERR_STREAM_DESTROYED'],
]

/** Some errors carry no code. */
const MESSAGES: readonly (readonly [Fault, RegExp])[] = [
  [NO_FILE, /directory does not exist/],
  [NO_TABLES, /no such (?:table|column)/],
  [NO_TLS, /does not support SSL/],
  [SLOW, /timeout expired|timed out|timeout acquiring|read timeout/i],
  [CLOSED, /unable to acquire a connection|aborted/i],
  [UNREACHABLE, /connection (?:terminated|ended|error)|not queryable|closed state/i],
]

/** Sorts an error of a driver, or of knex; `undefined` for what is no fault of the database, such as a bug of ours. */
export function faultOf(error: unknown): Fault | undefined {
  if (!(error instanceof Error)) return undefined
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const byCode = code && CODES.find(([, list]) => list.split(/ +/).some((pattern) => matches(pattern, code)))
  return (byCode || MESSAGES.find(([, pattern]) => pattern.test(error.message)))?.[0]
}

/** Takes away the statement that knex puts before what the driver said: it fills a log, and hides what went wrong. */
export function withoutStatement(error: unknown, { sql }: { readonly sql?: string }): void {
  const prefix = `${sql} - `
  if (error instanceof Error && error.message.startsWith(prefix)) error.message = error.message.slice(prefix.length)
}

const matches = (pattern: string, code: string): boolean =>
  pattern.endsWith('*') ? code.startsWith(pattern.slice(0, -1)) : pattern === code
