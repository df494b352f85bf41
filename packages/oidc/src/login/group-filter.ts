/** Longest name of a group that is looked at, in UTF-16 units. */
export const MAX_GROUP_NAME = 255

/**
 * Compiles patterns that select groups. `*` stands for any text, every other character for itself, and a pattern always
 * covers the whole name. The time for one name is bounded by its length times the pattern's, whatever they hold.
 */
export function groupFilter(patterns: readonly string[] | undefined): (name: string) => boolean {
  if (patterns === undefined) return () => true
  const compiled = patterns.map((pattern) => pattern.split('*'))
  return (name) => compiled.some((parts) => covers(parts, name))
}

/** Takes each part where it first occurs: with nothing but `*` between parts, an earlier place never spoils a later one. */
function covers(parts: readonly string[], name: string): boolean {
  const [first = '', ...rest] = parts
  const last = rest.pop()
  if (last === undefined) return name === first
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false
  const end = name.length - last.length
  let at = first.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return at <= end
}
