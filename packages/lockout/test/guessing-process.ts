import { setTimeout } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { createLockout, redisLockoutStore, withFallback } from '../src/index.ts'
import { attempt, passwordBackend } from './password-backend.ts'

/** What a parent tells this process to guess: all secrets at once. */
export interface Round {
  readonly account: string
  readonly names: readonly string[]
  readonly secrets: readonly string[]
  readonly verificationMs: number
  readonly leaseMs: number
}

/** What came of it. */
export interface RoundResult {
  readonly started: number
  readonly refused: number
  readonly outcomes: readonly string[]
}

const client = new Redis(Number(process.env.REDIS_PORT), '127.0.0.1', { maxRetriesPerRequest: 1 })
client.on('error', () => {})
const store = withFallback(redisLockoutStore(client), { budgetMs: Number(process.env.BUDGET_MS) })

async function play({ account, names, secrets, verificationMs, leaseMs }: Round): Promise<RoundResult> {
  const lockout = createLockout({ store, leaseMs, keepVerifiedSeconds: 0, sourceFailuresPerMinute: 0 })
  const backend = passwordBackend({ accountOf: () => account })
  backend.work = () => setTimeout(verificationMs)
  const guesses = secrets.map(async (secret, n) => {
    const what = attempt(names[n % names.length] ?? account, secret)
    const { result } = await lockout.guard(what, backend.verify(what))
    return result.outcome
  })
  const outcomes = await Promise.all(guesses)
  return { started: backend.started, refused: backend.refused, outcomes }
}

process.on('message', (round: Round) => {
  play(round).then(
    (result) => process.send?.(result),
    (error) => process.send?.({ started: -1, refused: -1, outcomes: [String(error)] }),
  )
})
process.on('disconnect', () => process.exit())
await client.ping()
process.send?.('ready')
