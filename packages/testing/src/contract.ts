/** The part of a test runner that contracts need; vitest, node:test, mocha and jest have it. */
export interface ContractRunner {
  describe(name: string, body: () => void): unknown
  /** `timeoutMs` is for runners that give a test five seconds, as vitest and jest do; others may ignore it. */
  it(name: string, body: () => Promise<void>, timeoutMs: number): unknown
}

/** One rule tries dozens of passwords, and a password hash is slow on purpose. */
const RULE_TIMEOUT_MS = 60_000

/** One rule of a contract: a sentence, and the check that shows whether it holds. */
export interface Rule<Subject> {
  readonly name: string
  check(subject: Subject): Promise<void>
}

/** Declares one test for each rule, in order. */
export function declareRules<Subject>(
  { describe, it }: ContractRunner,
  title: string,
  rules: readonly Rule<Subject>[],
  subject: () => Subject | Promise<Subject>,
): void {
  describe(title, () => {
    for (const { name, check } of rules) {
      it(name, async () => check(await subject()), RULE_TIMEOUT_MS)
    }
  })
}
