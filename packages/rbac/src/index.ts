export { anonymousContext, type LocalContextParts, localContext, type ProjectReader } from './contexts.ts'
export { evaluate } from './evaluate.ts'
export { memoryProjects, type ProjectSeed } from './memory-projects.ts'
export * from './parts.ts'
export {
  type DenyRule,
  definePolicy,
  findRole,
  HARBOR_POLICY,
  type Policy,
  PROJECT_ROLES,
  type Question,
} from './policy.ts'
export { type PolicyMatrix, type PolicyMatrixEntry, type PolicyMatrixOptions, policyMatrix } from './policy-matrix.ts'
export * from './project-manager.ts'
export { defineRole, type Grants, type Role, type RoleDefinition } from './role.ts'
export { publicRights } from './roles/public.ts'
export { SYSTEM_GRANTS } from './roles/system.ts'
export type { Standing, Subject } from './subject.ts'
