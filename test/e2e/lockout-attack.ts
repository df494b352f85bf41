import { setTimeout as delay } from 'node:timers/promises'
import { type LockoutHouse, logIn } from './lockout-house.ts'

/** The n-th guess of an attack. */
type Guess = (n: number) => Promise<unknown>

/** Guesses at an account, one server after another. */
export const guessesAt =
  (house: LockoutHouse, account: number): Guess =>
  (n) =>
    logIn(house.host(n), { username: `jane-${account}`, password: `guess ${n}` })

/**
 * So many verifications may be refused by processes that do not know of each other: 1 + elapsed / 1.5 s by each.
 *
 * @param beganAt When each of them began, in milliseconds and in order.
 */
export const allowed = (processes: number, beganAt: readonly number[]): number =>
  processes * (1 + ((beganAt.at(-1) ?? 0) - (beganAt[0] ?? 0)) / 1500)

/** Guesses until told to stop, at this rate however long the answers take; then waits for all of them. */
export async function attack(guess: Guess, until: AbortSignal, everyMs = 50): Promise<void> {
  const startedAt = performance.now()
  const answers: Promise<unknown>[] = []
  for (let n = 0; !until.aborted; n += 1) {
    answers.push(guess(n).catch(() => undefined))
    await delay(Math.max(0, startedAt + (n + 1) * everyMs - performance.now()))
  }
  await Promise.all(answers)
}

/** Does something in the middle of an attack, which begins half a second before and ends half a second after. */
export async function underAttack<T>(guess: Guess, act: () => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const attacked = attack(guess, stop.signal)
  try {
    await delay(500)
    const seen = await act()
    await delay(500)
    return seen
  } finally {
    stop.abort()
    await attacked
  }
}

/** Asks again and again until the answer is yes; a store that was lost is looked for once a second. */
export async function untilBack(isBack: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 30_000
  while (!(await isBack())) {
    if (performance.now() > giveUpAt) throw new Error('what went away does not come back')
    await delay(250)
  }
}

/** Whether every server that lost its store has said since that it is back. */
export const saysBack = ({ servers }: LockoutHouse): boolean =>
  servers.every(({ log }) => {
    const [lost = -1, back = -1] = ['store_lost', 'store_back'].map((event) =>
      log().lastIndexOf(`"outcome":"${event}"`),
    )
    return lost <= back
  })
