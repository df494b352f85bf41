import type { Dialect } from '../database.ts'

/** SQL and the values for its question marks. */
export interface Statement {
  readonly sql: string
  readonly values: readonly (string | number | string[])[]
}

/** What a settlement writes. */
export interface Settlement {
  readonly holder: string
  readonly freezeMs: number
  /** Absent: what is remembered stays. */
  readonly trace?: { readonly failures: number; readonly rememberMs: number; readonly source: string }
}

const TABLE = 'lockkeeper_lockout'
const ALL = 'lock_key, holder, lease_ends_at, frozen_at, frozen_until, source, failures, forget_at'

/** The database's own clock, in milliseconds since the epoch: processes need not agree on the time. */
export const NOW: Readonly<Record<Dialect, string>> = {
  sqlite: "cast(unixepoch('subsec') * 1000 as integer)",
  postgres: '(extract(epoch from clock_timestamp()) * 1000)::bigint',
  mysql: 'cast(floor(unix_timestamp(now(6)) * 1000) as signed)',
}

/** `in (?, ?)`; PostgreSQL takes a list as one value, so that the statement is the same for any number of keys. */
export const among = (dialect: Dialect, keys: readonly string[]): Statement =>
  dialect === 'postgres'
    ? { sql: '= any(?)', values: [[...keys]] }
    : { sql: `in (${keys.map(() => '?').join(', ')})`, values: keys }

/**
 * Takes all keys or none, and returns a row for each: first it is seen whether any is in the way, and then every row is
 * locked and looked at again. Where the two differ, because somebody else came between, the whole statement fails
 * (PostgreSQL divides by zero on purpose, MariaDB sees a deadlock), nothing is taken, and it is tried again.
 *
 * @param returns Whether the database can return rows at all; MySQL cannot.
 */
export function takeStatement(
  dialect: Dialect,
  keys: readonly string[],
  holder: string,
  leaseMs: number,
  returns: boolean,
): Statement {
  const inTheWay = (row: string, now: string) =>
    `(${row}.frozen_until >= ${now} or (${row}.lease_ends_at > ${now} and ${row}.holder <> ?))`
  const wanted = wantedKeys(dialect, keys)
  const given = among(dialect, keys)
  const select = `insert into ${TABLE} (${ALL})
    select w.k, ${text(dialect)}, c.now + ?, 0, 0, '', 0, 0 from ${wanted.sql}
    where not exists (select 1 from ${TABLE} b where b.lock_key ${given.sql} and ${inTheWay('b', 'c.now')})`
  const values = [holder, leaseMs, ...wanted.values, ...given.values, holder]
  const onConflict = dialect === 'mysql' ? 'on duplicate key update' : 'on conflict (lock_key) do update set'
  const update = `${onConflict} holder = ${fresh(dialect, 'holder')}, lease_ends_at = ${fresh(dialect, 'lease_ends_at')}`
  const returning = returns ? 'returning failures, forget_at, lease_ends_at' : ''
  if (dialect !== 'postgres') return { sql: `${select} ${update} ${returning}`, values }

  const stillFree = `where not ${inTheWay(TABLE, `(excluded.lease_ends_at - ?)`)}`
  return {
    sql: `with taken as (${select} ${update} ${stillFree} ${returning})
      select t.*, 1 / (case when count(*) over () = ? then 1 else 0 end) as whole from taken t`,
    values: [...values, leaseMs, leaseMs, holder, keys.length],
  }
}

/** What keys are in the way of, and what is remembered of them. */
export function statusStatement(dialect: Dialect, keys: readonly string[], holder: string): Statement {
  const given = among(dialect, keys)
  return {
    sql: `select ${NOW[dialect]} as now, max(frozen_until) as frozen_until,
      max(case when holder <> ? then lease_ends_at else 0 end) as busy_until,
      max(case when forget_at > ${NOW[dialect]} then failures else 0 end) as failures
      from ${TABLE} where lock_key ${given.sql}`,
    values: [holder, ...given.values],
  }
}

/** Ends a reservation without a freeze. What the holder's lease decides comes before it is ended: MariaDB goes left to right. */
export function releaseStatement(dialect: Dialect, keys: readonly string[], { holder, trace }: Settlement): Statement {
  const owns = `lease_ends_at > ${NOW[dialect]}`
  const { failures = 0, rememberMs = 0 } = trace ?? {}
  const given = among(dialect, keys)
  const forgetAt = failures > 0 ? { sql: `${NOW[dialect]} + ?`, values: [rememberMs] } : { sql: '0', values: [] }
  const remember = `failures = case when ${owns} then ? else failures end,
    forget_at = case when ${owns} then ${forgetAt.sql} else forget_at end,`
  return {
    sql: `update ${TABLE} set ${trace ? remember : ''} lease_ends_at = 0, holder = ''
      where lock_key ${given.sql} and holder = ?`,
    values: [...(trace ? [failures, ...forgetAt.values] : []), ...given.values, holder],
  }
}

/** Freezes keys, whether they are reserved or not, and ends the holder's own reservations of them. */
export function freezeStatement(dialect: Dialect, keys: readonly string[], settlement: Settlement): Statement {
  const { holder, freezeMs, trace } = settlement
  const { failures = 0, rememberMs = 0, source = '' } = trace ?? {}
  const old = (column: string) => `${TABLE}.${column}`
  const keep = (column: string, condition: string) =>
    `${column} = case when ${condition} then ${fresh(dialect, column)} else ${old(column)} end`

  // The new row was made now, so its `frozen_at` is the time.
  const now = fresh(dialect, 'frozen_at')
  const owns = `(${old('holder')} = ? and ${old('lease_ends_at')} > ${now})`
  const remembered = `(case when ${old('forget_at')} > ${now} then ${old('failures')} else 0 end)`
  const counts = `(${owns} or ${fresh(dialect, 'failures')} > ${remembered})`
  // MariaDB goes left to right, so there it shows in `failures` already whether the new count was taken.
  const counted = dialect === 'mysql' ? `${old('failures')} = ${fresh(dialect, 'failures')}` : counts
  const lasts = `${fresh(dialect, 'frozen_until')} > ${old('frozen_until')}`
  const isHolder = `${old('holder')} = ?`
  const assignments: readonly (readonly [sql: string, values: readonly string[]])[] = [
    ...(trace
      ? ([
          [keep('failures', counts), [holder]],
          [keep('forget_at', counted), dialect === 'mysql' ? [] : [holder]],
        ] as const)
      : []),
    [keep('frozen_at', lasts), []],
    [keep('source', lasts), []],
    [keep('frozen_until', lasts), []],
    [`lease_ends_at = case when ${isHolder} then 0 else ${old('lease_ends_at')} end`, [holder]],
    [`holder = case when ${isHolder} then '' else ${old('holder')} end`, [holder]],
  ]

  const forgetAt = failures > 0 ? { sql: 'c.now + ?', values: [rememberMs] } : { sql: '0', values: [] }
  const { sql: wanted, values: wantedValues } = wantedKeys(dialect, keys)
  const onConflict = dialect === 'mysql' ? 'on duplicate key update' : 'on conflict (lock_key) do update set'
  return {
    sql: `insert into ${TABLE} (${ALL})
      select w.k, '', 0, c.now, c.now + ?, ${text(dialect)}, ${number(dialect)}, ${forgetAt.sql}
      from ${wanted} where 1 = 1 ${onConflict} ${assignments.map(([sql]) => sql).join(', ')}`,
    values: [
      freezeMs,
      source,
      failures,
      ...forgetAt.values,
      ...wantedValues,
      ...assignments.flatMap(([, values]) => values),
    ],
  }
}

/** The keys as rows `w.k`, in one order everywhere so that no two statements wait for each other, and the time as `c.now`. */
function wantedKeys(dialect: Dialect, keys: readonly string[]): Statement {
  const sorted = keys.toSorted()
  const now = `(select ${NOW[dialect]} as now) c`
  if (dialect === 'postgres') return { sql: `unnest(cast(? as text[])) w(k) cross join ${now}`, values: [sorted] }
  return { sql: `(${keys.map(() => 'select ? as k').join(' union all ')}) w cross join ${now}`, values: sorted }
}

/** The value of a column in the row that was to be inserted, and met another one with its key. */
const fresh = (dialect: Dialect, column: string): string =>
  dialect === 'mysql' ? `values(${column})` : `excluded.${column}`

/** PostgreSQL has to be told the type of a value that stands alone. */
const text = (dialect: Dialect): string => (dialect === 'postgres' ? 'cast(? as text)' : '?')
const number = (dialect: Dialect): string => (dialect === 'postgres' ? 'cast(? as int)' : '?')
