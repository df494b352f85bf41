import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../src/index.ts'

describe('the machine’s clock', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('reads a monotonic and a wall face', () => {
    vi.setSystemTime(Date.UTC(2026, 0, 1))
    expect(systemClock.wallMs()).toBe(1_767_225_600_000)
    const before = systemClock.monotonicMs()
    vi.advanceTimersByTime(250)
    expect(systemClock.monotonicMs() - before).toBe(250)
  })

  it('LCK-14: the monotonic face does not follow the wall', () => {
    const before = systemClock.monotonicMs()
    vi.setSystemTime(0)
    expect(systemClock.monotonicMs()).toBe(before)
  })

  it('sleeps for as long as it is told', async () => {
    const ended = vi.fn()
    void systemClock.sleep(1500).then(ended)
    await vi.advanceTimersByTimeAsync(1499)
    expect(ended).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(ended).toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not wake at once from a sleep that is longer than a timer can be', async () => {
    const days = 24 * 60 * 60 * 1000
    const ended = vi.fn()
    void systemClock.sleep(60 * days).then(ended)
    await vi.advanceTimersByTimeAsync(60 * days - 1)
    expect(ended).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(ended).toHaveBeenCalled()
  })

  it('wakes at once when its signal aborts, and leaves neither timer nor listener', async () => {
    const stop = new AbortController()
    const listeners = vi.spyOn(stop.signal, 'removeEventListener')
    const sleep = systemClock.sleep(1500, stop.signal)
    stop.abort()
    await sleep
    expect(vi.getTimerCount()).toBe(0)
    expect(listeners).toHaveBeenCalledOnce()
    await systemClock.sleep(1500, stop.signal)
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([0, -1])('does not sleep for %i ms', async (ms) => {
    await systemClock.sleep(ms)
    expect(vi.getTimerCount()).toBe(0)
  })
})

it('does not keep a stopping process alive', async () => {
  const source = new URL('../src/clock.ts', import.meta.url).href
  const program = `import { systemClock } from ${JSON.stringify(source)}; void systemClock.sleep(60_000)`
  const startedAt = performance.now()
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
  expect(performance.now() - startedAt).toBeLessThan(10_000)
})
