import { type ContractRunner, declareRules } from '../contract.ts'
import { ADMINISTRATION_RULES, PING_RULE } from './administration-rules.ts'
import { INPUT_RULES } from './input-rules.ts'
import { ABORT_RULE, OUTAGE_RULES, RECOVERY_RULE, STALL_RULE } from './outage-rules.ts'
import { EQUAL_WORK_RULE, OUTCOME_RULES } from './outcome-rules.ts'
import type { AuthenticatorSamples } from './samples.ts'
import { ModeUnderTest } from './subject.ts'

/**
 * Declares the tests that every auth mode must pass, one for each rule. Rules that need more of the samples than is
 * given are left out: give `verifications`, `breakBackend`, `restoreBackend` and `stallBackend` where you can.
 *
 * @param runner `{ describe, it }` of vitest, node:test or any other runner that runs tests in order.
 */
export function authenticatorContract(runner: ContractRunner, samples: AuthenticatorSamples): void {
  const subject = new ModeUnderTest(samples)
  const { verifications, stallBackend, breakBackend, restoreBackend } = samples
  const rules = [
    ...OUTCOME_RULES,
    ...(verifications ? [EQUAL_WORK_RULE] : []),
    ...INPUT_RULES,
    ...ADMINISTRATION_RULES,
    ABORT_RULE,
    ...(stallBackend && restoreBackend ? [STALL_RULE] : []),
    ...(breakBackend ? [...OUTAGE_RULES, PING_RULE] : []),
    ...(breakBackend && restoreBackend ? [RECOVERY_RULE] : []),
  ]
  declareRules(runner, 'the contract of an auth mode', rules, () => subject)
}
