import { describe, expect, it } from 'vitest'
import { createHashingQueue } from '../src/hashing-queue.ts'

const unavailable = { code: 'ERR_BACKEND_UNAVAILABLE', backend: 'password hashing' }

/** Work that ends when it is told to. */
function job() {
  const { promise, resolve } = Promise.withResolvers<void>()
  let started = false
  return {
    work: () => {
      started = true
      return promise
    },
    end: resolve,
    isStarted: () => started,
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('PWD-05: the hashing queue', () => {
  it('runs so many at once, in order of arrival, and refuses the rest before any work', async () => {
    const queue = createHashingQueue(2, 2)
    const jobs = Array.from({ length: 5 }, job)
    const runs = jobs.map(({ work }) => queue.run(work))
    await expect(runs[4]).rejects.toMatchObject({ ...unavailable, retryAfterSeconds: 1 })
    expect(jobs.map((one) => one.isStarted())).toEqual([true, true, false, false, false])
    jobs[1]!.end()
    await runs[1]
    await settled()
    expect(jobs.map((one) => one.isStarted())).toEqual([true, true, true, false, false])
    for (const { end } of jobs) end()
    await Promise.all(runs.slice(0, 4))
    expect(jobs[4]!.isStarted()).toBe(false)
  })

  it('gives a place on when work fails', async () => {
    const queue = createHashingQueue(1, 1)
    const failing = queue.run(() => Promise.reject(new Error('broken')))
    const next = queue.run(() => Promise.resolve('done'))
    await expect(failing).rejects.toThrow('broken')
    expect(await next).toBe('done')
    expect(await queue.run(() => Promise.resolve('again'))).toBe('again')
  })

  it('forgets who waited too long, and never starts their work', async () => {
    const queue = createHashingQueue(1, 1)
    const first = job()
    const running = queue.run(first.work)
    const late = job()
    const patience = new AbortController()
    const waiting = queue.run(late.work, patience.signal)
    patience.abort()
    await expect(waiting).rejects.toMatchObject(unavailable)
    const third = queue.run(() => Promise.resolve('third'))
    first.end()
    await running
    expect(await third).toBe('third')
    expect(late.isStarted()).toBe(false)
    await expect(queue.run(late.work, patience.signal)).rejects.toMatchObject(unavailable)
    expect(late.isStarted()).toBe(false)
  })

  it('does not stop work that has begun, so that hanging up undoes no refusal', async () => {
    const queue = createHashingQueue(1, 0)
    const patience = new AbortController()
    const first = job()
    const running = queue.run(first.work, patience.signal)
    patience.abort()
    first.end()
    await expect(running).resolves.toBeUndefined()
  })
})
