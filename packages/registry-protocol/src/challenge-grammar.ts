/**
 * The lexical rules of `WWW-Authenticate` (RFC 9110 section 5.6 and 11), written once for the parser and the printer.
 * Each pattern is a single repeated character class, so it takes time linear in what it matches.
 */

/** `token`: neither `/` nor `:` belongs to it, so an unquoted URL is never one token. */
export const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
/** `token68`, the unnamed credentials of schemes such as Negotiate. */
export const TOKEN68 = /[0-9A-Za-z._~+/-]+=*/y
/** Optional white space, around `=` and between list elements. */
export const SPACE = /[ \t]*/y
/** What may stand between two list elements; RFC 9110 section 5.6.1 makes receivers accept empty elements. */
export const SEPARATORS = /[ \t,]*/y

/** What the sticky `pattern` matches in `text` at index `at`; empty if nothing. */
export function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

/** Whether the whole of `text` is one `token`. */
export const isToken = (text: string): boolean => text !== '' && matchAt(TOKEN, text, 0) === text

/** Whether the whole of `text` is one `token68`. */
export const isToken68 = (text: string): boolean => text !== '' && matchAt(TOKEN68, text, 0) === text
