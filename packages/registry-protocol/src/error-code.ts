/** The words that OAuth 2 clients read (RFC 6749 section 5.2 and 4.1.2.1, RFC 6750 section 3.1). */
export type OAuthError =
  | 'invalid_request'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'unsupported_grant_type'
  | 'insufficient_scope'
  | 'temporarily_unavailable'
  | 'server_error'

/** What goes with an error code unless the caller says otherwise. */
export interface ErrorCodeDefaults {
  /** HTTP status. */
  readonly status: number
  readonly oauthError: OAuthError
  readonly message: string
}

/**
 * The error codes of a registry that concern authorization and names, with status, OAuth word and message.
 *
 * A token endpoint answers some of them with another status: `UNSUPPORTED` for a grant it does not have is 400.
 *
 * @see {@link https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes | OCI distribution: error codes}
 */
export const ERROR_CODES = {
  UNAUTHORIZED: { status: 401, oauthError: 'invalid_grant', message: 'authentication required' },
  DENIED: { status: 403, oauthError: 'insufficient_scope', message: 'requested access to the resource is denied' },
  UNKNOWN: { status: 500, oauthError: 'server_error', message: 'something went wrong on the server' },
  UNSUPPORTED: { status: 405, oauthError: 'invalid_request', message: 'this operation is not supported' },
  TOOMANYREQUESTS: {
    status: 429,
    oauthError: 'temporarily_unavailable',
    message: 'too many requests, try again later',
  },
  UNAVAILABLE: { status: 503, oauthError: 'temporarily_unavailable', message: 'not available now, try again later' },
  NAME_UNKNOWN: { status: 404, oauthError: 'invalid_request', message: 'there is no repository of this name' },
  NAME_INVALID: { status: 400, oauthError: 'invalid_scope', message: 'this is not a repository name' },
  MANIFEST_UNKNOWN: { status: 404, oauthError: 'invalid_request', message: 'there is no such manifest' },
  BLOB_UNKNOWN: { status: 404, oauthError: 'invalid_request', message: 'there is no such blob' },
  PAGINATION_NUMBER_INVALID: { status: 400, oauthError: 'invalid_request', message: 'the page size is not valid' },
} as const satisfies Record<string, ErrorCodeDefaults>

/** One of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES
