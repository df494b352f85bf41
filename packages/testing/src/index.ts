export * from './fake-authenticators.ts'
export * from './fake-clock.ts'
export * from './recording-audit.ts'
