import { AuthError, type Step } from '@lockkeeper/core'
import type { ErrorCode, OAuthError } from '@lockkeeper/registry-protocol'

/** What a {@link RequestError} is made of. */
export interface RequestErrorParts {
  readonly status: 400 | 401 | 404 | 405 | 408 | 413 | 415 | 417 | 421 | 431
  readonly code: ErrorCode
  /** Default: that of the code. */
  readonly oauthError?: OAuthError
  /** Shown to the client; it never says why an authentication failed. */
  readonly message: string
  /** For the operator's log. Never holds a secret, nor text of the client's choosing. */
  readonly reason: string
  /** For the operator's log: who was asked, and what they said. */
  readonly trace?: readonly Step[]
  /** Go into the answer beside the usual ones: `WWW-Authenticate`, `Allow`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A request that is answered with a status from 400 to 431. */
export class RequestError extends AuthError<'ERR_REQUEST'> {
  readonly status: RequestErrorParts['status']
  readonly problem: ErrorCode
  readonly oauthError: OAuthError | undefined
  readonly reason: string
  readonly trace: readonly Step[]
  readonly headers: Readonly<Record<string, string>>

  constructor(parts: RequestErrorParts, options?: ErrorOptions) {
    super('ERR_REQUEST', parts.message, options)
    this.status = parts.status
    this.problem = parts.code
    this.oauthError = parts.oauthError
    this.reason = parts.reason
    this.trace = parts.trace ?? []
    this.headers = parts.headers ?? {}
  }
}

/** Narrows an unknown error, also when it comes from another installed copy of this package. */
export const isRequestError = (error: unknown): error is RequestError =>
  error instanceof Error && 'code' in error && error.code === 'ERR_REQUEST'

/** 400: the request is malformed, and `message` says what to send instead. */
export const badRequest = (message: string, reason: string, options?: ErrorOptions): RequestError =>
  new RequestError({ status: 400, code: 'UNSUPPORTED', message, reason }, options)

/** 401 with its challenge, in one wording for every reason. */
export const unauthorized = (
  challenge: string,
  { headers, ...parts }: Pick<RequestErrorParts, 'reason' | 'trace' | 'headers'>,
): RequestError =>
  new RequestError({
    status: 401,
    code: 'UNAUTHORIZED',
    message: 'authentication required',
    headers: { ...headers, 'WWW-Authenticate': challenge },
    ...parts,
  })

/** 404 for an address that is not one of ours, however close its spelling. */
export const notFound = (reason: string): RequestError =>
  new RequestError({ status: 404, code: 'UNSUPPORTED', message: 'there is nothing at this address', reason })

/** 405 with the methods that are served. */
export const methodNotAllowed = (allowed: readonly string[]): RequestError =>
  new RequestError({
    status: 405,
    code: 'UNSUPPORTED',
    message: 'this method is not served here',
    reason: 'method_not_allowed',
    headers: { Allow: allowed.join(', ') },
  })
