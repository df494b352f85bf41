import type { ContractRunner } from '../src/index.ts'

/** Runs a contract and tells which of its rules failed, with the messages. */
export async function failedRules(contract: (runner: ContractRunner) => void): Promise<ReadonlyMap<string, string>> {
  const failed = new Map<string, string>()
  for (const [name, body] of collected(contract)) {
    try {
      await body()
    } catch (error) {
      failed.set(name, String(error))
    }
  }
  return failed
}

/** The names of the rules, in order. */
export const ruleNames = (contract: (runner: ContractRunner) => void): readonly string[] =>
  collected(contract).map(([name]) => name)

function collected(contract: (runner: ContractRunner) => void) {
  const tests: (readonly [string, () => Promise<void>])[] = []
  contract({
    describe: (_name, body) => body(),
    it: (name, body) => tests.push([name, body]),
  })
  return tests
}
