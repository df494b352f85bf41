/** Reads a boolean column: SQLite and MySQL store 0 and 1. */
export const isTrue = (value: unknown): boolean => value === true || value === 1

/** Writes an instant for a `timestamp` column without a zone. All of them hold UTC; a `Date` would be written in the zone of the process. */
export const toUtcText = (wallMs: number): string => new Date(wallMs).toISOString().replace('T', ' ').replace('Z', '')

/** Reads such a column: the drivers of servers give a `Date` already, SQLite gives text. */
export function fromUtc(value: unknown): Date {
  return value instanceof Date ? value : new Date(`${String(value).replace(' ', 'T')}Z`)
}

/**
 * Whether a text can be stored and found again as it is: no NUL, no lone surrogate, not longer than its column.
 *
 * @throws {TypeError} for anything but a string, so that no object from outside reaches a query.
 */
export function isStorable(value: string, maxCodePoints = 255): boolean {
  if (typeof value !== 'string') throw new TypeError(`expected a string, got ${typeof value}`)
  if (value.length > maxCodePoints * 2 || value.includes('\0') || !value.isWellFormed()) return false
  return [...value].length <= maxCodePoints
}

/** Whether a number can be a row's id. @throws {TypeError} for anything but a number. */
export function isId(value: number): boolean {
  if (typeof value !== 'number') throw new TypeError(`expected a number, got ${typeof value}`)
  return Number.isInteger(value) && value > 0 && value <= 2 ** 31 - 1
}

/** Cuts a text that is only shown, such as a display name, to the width of its column. */
export const cut = (value: string, maxCodePoints = 255): string => [...value].slice(0, maxCodePoints).join('')
