import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'examples/*/test/**/*.test.ts',
      'examples/*/*.test.ts',
      'test/**/*.test.ts',
    ],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Real servers on a machine that others share: in the CI a test may fail once, and the report still says so.
    retry: process.env.CI ? 1 : 0,
    reporters: ['default'],
  },
})
