export * from './project-manager.ts'
