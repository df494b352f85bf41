/** Lets a limited number of calls run at once; a limited number of others waits in order of arrival. */
export interface Slots {
  /**
   * Waits for a free slot.
   *
   * @returns The function that frees it again; `full` when too many wait already, `aborted` when the signal came first.
   */
  take(signal: AbortSignal): Promise<(() => void) | 'full' | 'aborted'>
}

export function createSlots(limit: number, maxWaiting: number): Slots {
  const waiting = new Set<() => void>()
  let taken = 0

  const free = () => {
    const [next] = waiting
    if (!next) {
      taken -= 1
      return
    }
    waiting.delete(next)
    next()
  }

  return {
    async take(signal) {
      if (signal.aborted) return 'aborted'
      if (taken < limit) {
        taken += 1
        return free
      }
      if (waiting.size >= maxWaiting) return 'full'
      return new Promise((resolve) => {
        const start = () => {
          signal.removeEventListener('abort', giveUp)
          resolve(free)
        }
        const giveUp = () => {
          waiting.delete(start)
          resolve('aborted')
        }
        waiting.add(start)
        signal.addEventListener('abort', giveUp, { once: true })
      })
    },
  }
}
