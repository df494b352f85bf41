const MAX_NAME_CODE_POINTS = 255
const MAX_PASSWORD_BYTES = 1024

// Control, format (this covers bidi controls), surrogate, private-use and unassigned code points, line and paragraph separators.
const REFUSED_IN_NAMES = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u
const SURROUNDING_SPACE = /^\s|\s$/u

/**
 * The canonical form of a name somebody submits: NFKC, lower-case without locale, NFKC again. It is the key of the
 * lockout and of folded look-ups; what is stored keeps its own spelling.
 *
 * @returns `undefined` when the name cannot be one: empty, over 255 code points, with control, format or unassigned
 * code points, or with surrounding white space. Such a name is refused before any backend sees it.
 * @see {@link https://www.unicode.org/reports/tr15/ | Unicode normalization forms}
 */
export function canonicalName(typed: string): string | undefined {
  // Normalising can lengthen text by a factor of 18, so the raw text is bounded first.
  if (typed.length === 0 || typed.length > MAX_NAME_CODE_POINTS * 4) return undefined
  if (REFUSED_IN_NAMES.test(typed)) return undefined
  const folded = typed.normalize('NFKC').toLowerCase().normalize('NFKC')
  // Some letters fold to a space and a mark, so folding can uncover surrounding space.
  if (SURROUNDING_SPACE.test(typed) || SURROUNDING_SPACE.test(folded)) return undefined
  return [...folded].length > MAX_NAME_CODE_POINTS ? undefined : folded
}

/**
 * Whether a password may be passed on to an auth mode: 1 to 1024 bytes of UTF-8, no NUL, no lone surrogate.
 * It is compared as received: never trimmed, folded or cut.
 *
 * @param maxBytes For secrets that are longer than passwords.
 */
export function isUsablePassword(password: string, maxBytes: number = MAX_PASSWORD_BYTES): boolean {
  if (password.length === 0 || password.length > maxBytes) return false
  if (password.includes('\0') || !password.isWellFormed()) return false
  return Buffer.byteLength(password) <= maxBytes
}
