import { pbkdf2 } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Authenticator, AuthResult } from '@lockkeeper/core'

const derive = promisify(pbkdf2)

/** Options of {@link authMode}. */
export interface CountingAuthOptions {
  /**
   * Each verification appends a line to it: `right`, `wrong` or `stand-in`, the account, and when it began, in
   * milliseconds of the machine's monotonic clock, which is one for all processes.
   */
  readonly file: string
  /**
   * Rounds of PBKDF2 that a verification computes; without it, it waits for 20 ms. What follows a wait finds a processor
   * that was idle and is slower for it, so that measured times would tell in which order the modes were asked.
   */
  readonly rounds?: number
}

/** The password of everybody. */
export const RIGHT = 'Right-Password-1'
/** Right as well, and its verification takes five seconds. */
export const SLOWLY_RIGHT = 'Slowly-Right-Password-1'
/** A password whose verification takes longer than any test. */
export const HANGING = 'Hanging-Password-1'

const VERIFICATION_MS = 20

const DELAYS_MS: ReadonlyMap<string, number> = new Map([
  [SLOWLY_RIGHT, 5000],
  [HANGING, 60_000],
])

/** A name, five more spellings and aliases of it, and what they all mean here. */
export const spellingsOf = (number: number): readonly string[] => [
  `jane-${number}`,
  `JANE-${number}`,
  `ｊａｎｅ-${number}`,
  `jane-${number}@example.com`,
  `j.doe-${number}`,
  `Example\\J.Doe-${number}`,
]

const accountOf = (canonical: string): string | undefined =>
  /^(?:example\\)?(?:jane|j\.doe)-(\d+)(?:@example\.com)?$/.exec(canonical)?.[1]

/** An auth mode that counts its verifications where every process can read them; a plugin of the server in tests. */
export function authMode({ file, rounds }: CountingAuthOptions): Authenticator {
  const work = (password: string) =>
    rounds === undefined
      ? delay(DELAYS_MS.get(password) ?? VERIFICATION_MS)
      : derive(password, 'a salt of sixteen', rounds, 32, 'sha256')
  const count = (what: string, account: string) =>
    appendFileSync(file, `${what} ${account} ${Number(process.hrtime.bigint()) / 1e6}\n`)
  return {
    mode: 'counting_auth',
    async lookUp({ canonical }) {
      const account = accountOf(canonical)
      return {
        ...(account !== undefined && { account }),
        async verify(password): Promise<AuthResult> {
          if (account === undefined) {
            count('stand-in', 'nobody')
            await work(password)
            return { outcome: 'abstained' }
          }
          const isRight = password === RIGHT || password === SLOWLY_RIGHT
          count(isRight ? 'right' : 'wrong', account)
          await work(password)
          if (!isRight) return { outcome: 'rejected', reason: 'bad_credentials' }
          const issuer = 'counting_auth'
          const username = `jane-${account}`
          return {
            outcome: 'authenticated',
            identity: { mode: issuer, issuer, subject: account, username, groups: [] },
          }
        },
      }
    },
  }
}
