import { randomInt } from 'node:crypto'
import { InvalidInputError } from '@lockkeeper/core'
import type { Terminal } from './terminal.ts'

/** What `user add` and `user passwd` take. */
export interface PasswordOptions {
  readonly passwordStdin?: true
}

// Without 0, O, 1, l, I: it is read from a screen and typed.
const ALPHABET = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** 24 characters with at least one lower-case letter, capital and digit: about 138 bits. */
export function generatePassword(): string {
  for (;;) {
    const password = Array.from({ length: 24 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
    if (/[a-z]/.test(password) && /[A-Z]/.test(password) && /[0-9]/.test(password)) return password
  }
}

/**
 * The password from standard input (one trailing line end is not part of it), or a generated one.
 *
 * @throws {InvalidInputError} when there is none, or it must not be set.
 */
export async function choosePassword(
  terminal: Terminal,
  options: PasswordOptions,
  check: (password: string) => void,
): Promise<{ readonly password: string; readonly isGenerated: boolean }> {
  if (!options.passwordStdin) return { password: generatePassword(), isGenerated: true }
  const password = (await terminal.readInput()).replace(/\r?\n$/, '')
  if (password === '') throw new InvalidInputError('standard input has no password: type or pipe one in')
  check(password)
  return { password, isGenerated: false }
}
