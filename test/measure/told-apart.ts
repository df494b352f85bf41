import { expect } from 'vitest'

/** Pairs that are measured before a judgement. */
const PAIRS = 40
/** So many that two equal works look different once in thousands of runs. */
const MOST_PAIRS = 200

interface Times {
  readonly a: number[]
  readonly b: number[]
}

/** The chance that a time of `a` exceeds one of `b`. */
function areaUnderCurve(a: readonly number[], b: readonly number[]): number {
  let wins = 0
  for (const x of a) for (const y of b) wins += x > y ? 1 : x === y ? 0.5 : 0
  return wins / (a.length * b.length)
}

/** One at a time, the two kinds interleaved in random order, so that a busy machine slows both alike. */
async function measure(
  a: () => Promise<unknown>,
  b: () => Promise<unknown>,
  times: Times,
  pairs: number,
): Promise<void> {
  for (let pair = 0; pair < pairs; pair++) {
    const order = Math.random() < 0.5 ? (['a', 'b'] as const) : (['b', 'a'] as const)
    for (const kind of order) times[kind].push(await timeOf(kind === 'a' ? a : b))
  }
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  const took = await work()
  return typeof took === 'number' ? took : performance.now() - startedAt
}

/**
 * Fails when somebody who measures times could tell `a` from `b`. It measures on while the two look different: noise
 * evens out, a real difference stays.
 *
 * @param a Its time counts, or the milliseconds that it returns.
 * @param options.pairs Measured before each judgement.
 */
export async function expectNotToldApart(
  a: () => Promise<unknown>,
  b: () => Promise<unknown>,
  { pairs = PAIRS, mostPairs = MOST_PAIRS }: { readonly pairs?: number; readonly mostPairs?: number } = {},
): Promise<void> {
  const times: Times = { a: [], b: [] }
  const seen: number[] = []
  while (times.a.length < mostPairs) {
    await measure(a, b, times, pairs)
    const area = areaUnderCurve(times.a, times.b)
    seen.push(area)
    if (area >= 0.4 && area <= 0.6) return
  }
  expect.fail(`told apart by time: ${seen.map((area) => area.toFixed(2)).join(', ')} (0.5 is equal)`)
}
