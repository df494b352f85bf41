import { type ContractRunner, declareRules } from '../contract.ts'
import { FREEZE_RULES } from './freeze-rules.ts'
import { MEMORY_RULES } from './memory-rules.ts'
import { RESERVATION_RULES } from './reservation-rules.ts'
import { type LockoutStoreSamples, storeUnderTest } from './subject.ts'

/**
 * Declares the tests that every `LockoutStore` must pass, one for each rule.
 *
 * @param runner `{ describe, it }` of vitest, node:test or any other runner.
 */
export function lockoutStoreContract(runner: ContractRunner, samples: LockoutStoreSamples): void {
  const rules = [...RESERVATION_RULES, ...FREEZE_RULES, ...MEMORY_RULES]
  declareRules(runner, 'the contract of a lockout store', rules, () => storeUnderTest(samples))
}
