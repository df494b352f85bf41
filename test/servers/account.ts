import { readFileSync } from 'node:fs'

/** An operating-system account to run a program as. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/**
 * The account that a database server has to run as: these refuse to run as root. For anybody but root it is
 * `undefined`, which means: as whoever runs the tests.
 */
export function serviceAccount(name: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[0] === name)
  if (entry === undefined) throw new Error(`there is no account "${name}"; the Debian package of the server makes it`)
  return { uid: Number(entry[2]), gid: Number(entry[3]) }
}
