/**
 * Milliseconds of processor time of the cheapest of five runs. A wall clock would count how long a busy machine lets the
 * work wait; and what a collector or a compiler adds, it does not add to all of five.
 */
export async function cpuMs(run: () => unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < 5; round++) {
    const before = process.cpuUsage()
    await run()
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / 1000)
  }
  return least
}
