export type { Denial, TokenAnswer, TokenRequest, TokenService } from './issue/contract.ts'
export type { AccessController, Needed, Verified, VerifiedToken, VerifyReason } from './verify/contract.ts'
