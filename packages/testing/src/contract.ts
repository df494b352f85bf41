/** The part of a test runner that contracts need; vitest, node:test, mocha and jest have it. */
export interface ContractRunner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>): unknown
}

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
      it(name, async () => check(await subject()))
    }
  })
}
