import type { Scheme } from './scheme.ts'

/**
 * What Harbor sets as the password of people from LDAP, UAA and the auth proxy: known to everybody. Such rows are
 * marked, but people can edit the mark away, and the hash of a placeholder looks like any other. (For people from OIDC
 * it is the empty password, which nobody logs in with anyway.)
 */
export const HARBOR_PLACEHOLDERS: ReadonlySet<string> = new Set(['12345678AbC', '1234567ab'])

/** Whether somebody logs in with a placeholder of Harbor's on a row that Harbor may have written. */
export const isPlaceholder = (password: string, scheme: Scheme): boolean =>
  scheme.kind === 'pbkdf2' && HARBOR_PLACEHOLDERS.has(password)
