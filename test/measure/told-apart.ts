import { expect } from 'vitest'

/** Pairs that are measured before a judgement. */
const PAIRS = 100
/** So many that chance moves the area by 0.013. */
const MOST_PAIRS = 1000
/** How far the area may lie from 0.5. One millisecond more of 24 is 0.13 to 0.18. */
const MOST_OFF = 0.05

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

const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0

/**
 * Fails when somebody who measures times could tell `a` from `b`: when the chance that a time of `a` exceeds one of `b`
 * is not within 0.45 and 0.55. It measures on while the two look different: noise evens out, a real difference stays.
 * The medians are shown but not judged: those of a busy machine drift apart by more than a millisecond.
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
  const seen: string[] = []
  while (times.a.length < mostPairs) {
    await measure(a, b, times, pairs)
    const area = areaUnderCurve(times.a, times.b)
    if (Math.abs(area - 0.5) <= MOST_OFF) return
    seen.push(`${area.toFixed(3)} (${median(times.a).toFixed(2)} and ${median(times.b).toFixed(2)} ms)`)
  }
  expect.fail(`told apart by time, 0.5 is equal: ${seen.join(', ')}`)
}
