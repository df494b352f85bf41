/** A word that no shell reads anything into. */
const PLAIN_WORD = /^[A-Za-z0-9_@%+=:,./-]+$/

/** The line that signs in on the command line; it asks for the secret, so that no history of a shell keeps it. */
export const dockerLogin = (host: string, username: string): string =>
  `docker login --username ${quoted(username)} ${quoted(host)}`

const quoted = (word: string): string => (PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
