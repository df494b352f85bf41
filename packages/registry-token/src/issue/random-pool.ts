import { randomBytes } from 'node:crypto'

const POOL_BYTES = 4096

/**
 * Random bytes for many tokens from one draw: asking the system for 16 costs as much as reading a token's scopes. For
 * what is told to clients anyway; a secret is drawn on its own, so that no later one lies beside it in memory.
 *
 * @returns A function that gives as many bytes as it is asked for, and none of them twice.
 */
export function createRandomPool(draw: (size: number) => Uint8Array = randomBytes): (size: number) => Uint8Array {
  let pool: Uint8Array = new Uint8Array()
  return (size) => {
    if (pool.length < size) pool = draw(Math.max(POOL_BYTES, size))
    const bytes = pool.subarray(0, size)
    pool = pool.subarray(size)
    return bytes
  }
}
