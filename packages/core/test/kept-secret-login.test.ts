import { expect, it } from 'vitest'
import type { Lockout } from '../src/index.ts'
import { MINUTE, secretHouse } from './secret-login-house.ts'

/** A lockout that keeps the first success, and tells whether it was still true when it was wanted again. */
function keepingLockout() {
  let kept: { outcome: string } | undefined
  const asked: boolean[] = []
  const lockout: Lockout = {
    heldUntil: (arrivedAt) => arrivedAt,
    async guard<R extends { readonly outcome: string }>(
      _attempt: unknown,
      verify: (reserve: () => Promise<boolean>) => Promise<R>,
      options?: { stillTrue?(kept: R): Promise<boolean> },
    ) {
      if (kept !== undefined) {
        const isTrue = (await options?.stillTrue?.(kept as R)) ?? false
        asked.push(isTrue)
        if (isTrue) return { result: kept as R, answerAt: 0 }
      }
      const result = await verify(async () => true)
      kept = result.outcome === 'authenticated' ? result : undefined
      return { result, answerAt: 0 }
    },
  }
  return { lockout, asked }
}

type House = Awaited<ReturnType<typeof secretHouse>>

it.each<[what: string, change: (house: House) => Promise<unknown>, still: boolean, then: string]>([
  ['nothing changed', async () => {}, true, 'in'],
  [
    'it was revoked',
    ({ secrets, jane, clock }) => secrets.revoke(jane.id, jane.secret.id, clock.wallMs()),
    false,
    'revoked',
  ],
  ['its owner was disabled', ({ accounts, jane }) => accounts.setDisabled(jane.id, true), false, 'disabled'],
  ['its owner became an administrator', ({ accounts, jane }) => accounts.setAdmin(jane.id, true), false, 'in'],
  ['its owner signed in again', ({ signIn }) => signIn(), false, 'in'],
  ['the provider has another word', ({ clock }) => clock.advance(6 * MINUTE), false, 'in'],
  ['its owner was removed', ({ accounts, jane }) => accounts.remove(jane.id), false, 'account_removed'],
])('CHN-04: a kept success is asked after before it counts again: %s', async (_, change, still, then) => {
  const { lockout, asked } = keepingLockout()
  const house = await secretHouse({ lockout })
  expect(await house.outcome('jane', house.jane.text)).toBe('in')
  await change(house)
  expect(await house.outcome('jane', house.jane.text)).toBe(then)
  expect(asked).toEqual([still])
})
