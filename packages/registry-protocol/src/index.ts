export { type Access, accessFromScope } from './access.ts'
export { formatBasic } from './basic.ts'
export {
  type BearerChallengeParts,
  type BearerError,
  type Challenge,
  formatBearerChallenge,
  formatChallenge,
} from './challenge.ts'
export {
  type BasicChallenge,
  type BearerChallenge,
  type ChallengeChoice,
  chooseChallenge,
  usableBearer,
} from './challenge-choice.ts'
export {
  CHALLENGE_LIMITS,
  type ChallengeProblem,
  type ChallengeProblemCode,
  type ParsedChallenges,
  parseChallenges,
} from './challenge-parser.ts'
export {
  type ErrorBodyParts,
  formatErrorBody,
  formatRegistryErrorBody,
  type ParsedErrorBody,
  parseErrorBody,
  type RegistryErrorBodyParts,
  type ReportedError,
} from './error-body.ts'
export { ERROR_CODES, type ErrorCode, type ErrorCodeDefaults, type OAuthError } from './error-code.ts'
export { type BodyLimits, type BodyProblem, MAX_BODY_BYTES } from './json-body.ts'
export {
  firstPathComponent,
  isRepositoryName,
  MAX_REPOSITORY_NAME_LENGTH,
  parseRepositoryName,
  type RepositoryName,
  type RepositoryNameProblem,
  type RepositoryNameResult,
} from './repository-name.ts'
export {
  DEFAULT_SCOPE_LIMITS,
  formatScope,
  parseScope,
  type Scope,
  type ScopeLimits,
  type ScopeResult,
} from './scope.ts'
export { formatScopeList, mergeScopes, normalizeScopes, parseScopeList, type ScopeListResult } from './scope-list.ts'
export type { ScopeProblem, ScopeProblemReason } from './scope-problem.ts'
export {
  formatTokenResponse,
  MIN_EXPIRES_IN_SECONDS,
  parseTokenResponse,
  type TokenResponse,
  type TokenResponseProblem,
  type TokenResponseResult,
  type TokenResponseWarning,
} from './token-response.ts'
