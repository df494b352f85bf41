import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisServer, startRedis } from '../../../test/servers/redis.ts'
import { requires } from '../../../test/servers/requirements.ts'
import type { Round, RoundResult } from './guessing-process.ts'

const SPELLINGS = ['jane', 'jane@example.com', 'jané', 'j.doe', 'jane doe', 'doe\\jane']
const PROGRAM = fileURLToPath(new URL('./guessing-process.ts', import.meta.url))

async function start(server: RedisServer, budgetMs = 5000): Promise<ChildProcess> {
  const child = fork(PROGRAM, { env: { ...process.env, REDIS_PORT: `${server.port}`, BUDGET_MS: `${budgetMs}` } })
  await once(child, 'message')
  return child
}

async function play(child: ChildProcess, round: Round): Promise<RoundResult> {
  child.send(round)
  const [result] = await once(child, 'message')
  return result
}

const guesses = (of: string, count: number) => Array.from({ length: count }, (_, n) => `guess ${n} of ${of}`)

const need = requires('redis')
describe.skipIf(need.skip)(`four processes with one Redis${need.note}`, () => {
  let server: RedisServer
  const children: ChildProcess[] = []
  beforeAll(async () => {
    server = await startRedis()
    children.push(...(await Promise.all([1, 2, 3, 4].map(() => start(server)))))
  })
  afterAll(async () => {
    for (const child of children) child.disconnect()
    await server?.stop()
  })

  it('LCK-03, LCK-12: refuse at most 1 + elapsed / 1.5 s of 200 parallel guesses in six spellings, 50 times', async () => {
    for (let run = 0; run < 50; run += 1) {
      const names = SPELLINGS.map((name) => `${name} ${run}`)
      const startedAt = performance.now()
      const results = await Promise.all(
        children.map((child, n) =>
          play(child, {
            account: `account ${run}`,
            names,
            secrets: guesses(`${n}`, 50),
            verificationMs: 10,
            leaseMs: 15_000,
          }),
        ),
      )
      const elapsed = performance.now() - startedAt
      const refused = results.reduce((sum, result) => sum + result.refused, 0)
      expect(results.flatMap(({ outcomes }) => outcomes).filter((o) => o !== 'frozen' && o !== 'rejected')).toEqual([])
      expect(refused).toBeGreaterThanOrEqual(1)
      expect(refused).toBeLessThanOrEqual(1 + elapsed / 1500)
    }
  }, 120_000)

  it('LCK-04: verify 200 equal right secrets once each', async () => {
    const round = {
      account: 'pulled',
      names: ['puller'],
      secrets: Array<string>(50).fill('right'),
      verificationMs: 20,
      leaseMs: 15_000,
    }
    const results = await Promise.all(children.map((child) => play(child, round)))
    expect(results.flatMap(({ outcomes }) => outcomes)).toEqual(Array(200).fill('authenticated'))
    expect(results.map(({ started }) => started)).toEqual([1, 1, 1, 1])
  })

  it('LCK-12: free what a process that was killed held, when its lease ends', async () => {
    const [survivor] = children
    const doomed = await start(server)
    const round = { account: 'held', names: ['holder'], verificationMs: 60_000, leaseMs: 1000 }
    doomed.send({ ...round, secrets: ['wrong'] })
    await setTimeout(200)
    doomed.kill('SIGKILL')
    const startedAt = performance.now()
    const result = await play(survivor!, { ...round, secrets: ['right'], verificationMs: 1 })
    expect(result.outcomes).toEqual(['authenticated'])
    expect(performance.now() - startedAt).toBeGreaterThan(500)
  })

  it('LCK-13: go on by themselves while Redis hangs or is killed, and act as one again when it is back', async () => {
    const hasty = await Promise.all([start(server, 1000), start(server, 1000)])
    children.push(...hasty)
    const round = (account: string) => ({ account, names: [account], verificationMs: 10, leaseMs: 15_000 })
    const refusedOf = async (account: string) => {
      const results = await Promise.all(
        hasty.map((child, n) => play(child, { ...round(account), secrets: guesses(`${n}`, 20) })),
      )
      return results.reduce((sum, result) => sum + result.refused, 0)
    }
    expect(await refusedOf('before')).toBe(1)
    await server.pause()
    expect(await refusedOf('hanging')).toBe(2)
    await server.kill()
    expect(await refusedOf('killed')).toBe(2)
    await server.restart()
    await setTimeout(3000)
    for (const child of hasty) await play(child, { ...round('probe'), secrets: ['right'] })
    expect(await refusedOf('after')).toBe(1)
  }, 60_000)
})
