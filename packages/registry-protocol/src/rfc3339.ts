const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/

/**
 * Prints an instant as RFC 3339 in UTC with whole seconds, `2026-11-21T17:06:07Z`; fractions are cut off.
 *
 * @throws {TypeError} if the date is invalid or its year does not have four digits.
 * @see {@link https://www.rfc-editor.org/rfc/rfc3339#section-5.6 | RFC 3339 section 5.6}
 */
export function formatInstant(instant: Date): string {
  const printed = Number.isNaN(instant.getTime()) ? '' : instant.toISOString()
  if (printed.length !== 24) throw new TypeError('an instant must be a valid date in the years 0 to 9999')
  return `${printed.slice(0, 19)}Z`
}

/** Reads an RFC 3339 instant with capital T and Z, as clients written in Go do; `undefined` for anything else. */
export function parseInstant(text: string): Date | undefined {
  const day = DATE_TIME.exec(text)?.[1]
  if (day === undefined) return undefined
  const instant = new Date(text)
  if (Number.isNaN(instant.getTime())) return undefined
  // `Date` takes 30 February for 2 March.
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day) ? instant : undefined
}
