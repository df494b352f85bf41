import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'examples/*/test/**/*.test.ts',
      'examples/*/*.test.ts',
      'test/**/*.test.ts',
    ],
    // Many tests wait for servers rather than work, so that two files at a time are quicker on two processors as well.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // For real servers that start on a machine that is busy; how quick something has to be is for each test to say.
    testTimeout: 60_000,
    hookTimeout: 180_000,
    // Real servers on a machine that others share: in the CI a test may fail once, and the report still says so.
    retry: process.env.CI ? 1 : 0,
    reporters: ['default'],
  },
})
