import { InvalidInputError, isUsablePassword } from '@lockkeeper/core'
import { HARBOR_PLACEHOLDERS } from './placeholders.ts'

/** How new passwords are judged. */
export interface PasswordPolicyOptions {
  /** Whose password it becomes; it must not be the name itself. */
  readonly username?: string
  /** Returns `true` for a password to refuse, such as one on a list of leaked ones. */
  readonly blocklist?: (password: string) => boolean
  /** The Harbor on the same database has to accept it too: at most 128 characters, with a-z, A-Z and 0-9. */
  readonly forHarbor?: boolean
}

/** What installers, guides and people use first. Compared in lower case. */
const SAMPLES: ReadonlySet<string> = new Set(
  [
    ...[
      'harbor12345',
      'harbor123',
      'lockkeeper',
      'password',
      'password1',
      'passw0rd',
      'p@ssw0rd',
      'changeme',
      'change-me',
    ],
    ...['change_me', 'changeit', 'letmein1', 'welcome1', 'administrator', 'adminadmin', 'admin123', 'admin1234'],
    ...[
      '12345678',
      '123456789',
      '1234567890',
      '123123123',
      '11111111',
      '00000000',
      'qwertyui',
      'qwertyuiop',
      'qwerty123',
    ],
    ...['abcd1234', 'abc12345', '1q2w3e4r', 'iloveyou', 'secret123', 'default1', 'test1234', 'testtest', 'docker123'],
    ...HARBOR_PLACEHOLDERS,
  ].map((sample) => sample.toLowerCase()),
)

const LEAST_CHARACTERS = 8

/**
 * Judges a new password: 8 characters or more (15 advised), no rule about which ones, none that everybody knows.
 *
 * @throws {InvalidInputError} saying what to change; never holds the password.
 * @see {@link https://pages.nist.gov/800-63-4/sp800-63b.html | NIST SP 800-63B-4}, section 3.1.1.2.
 */
export function checkNewPassword(password: string, options: PasswordPolicyOptions = {}): void {
  const problem = problemOf(password, options)
  if (problem !== undefined) throw new InvalidInputError(`choose another password: ${problem}`)
}

function problemOf(password: string, { username, blocklist, forHarbor = false }: PasswordPolicyOptions) {
  const length = [...password].length
  if (length < LEAST_CHARACTERS) return `it has fewer than ${LEAST_CHARACTERS} characters; 15 or more are better`
  if (!isUsablePassword(password)) return 'it is longer than 1024 bytes, or holds characters that cannot be sent'
  const folded = password.toLowerCase()
  if (SAMPLES.has(folded)) return 'it is one of the first that are guessed'
  if (username !== undefined && folded === username.toLowerCase()) return 'it is the user name'
  if (new Set(password).size === 1) return 'it is one character over and over'
  if (blocklist?.(password)) return 'it is on the list of refused passwords'
  if (forHarbor && (length > 128 || ![/[a-z]/, /[A-Z]/, /[0-9]/].every((needed) => needed.test(password)))) {
    return 'Harbor accepts 8 to 128 characters, with at least one a-z, one A-Z and one 0-9'
  }
  return undefined
}
