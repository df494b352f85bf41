import type { Access } from './access.ts'
import { ERROR_CODES, type ErrorCode, type OAuthError } from './error-code.ts'
import { type BodyLimits, type BodyProblem, readJsonBody, readMembers } from './json-body.ts'

/** What {@link formatErrorBody} prints. */
export interface ErrorBodyParts {
  readonly code: ErrorCode
  /** For people, and shown by clients; it must not say why an authentication failed. Default: that of the code. */
  readonly message?: string
  /** Default: that of the code. */
  readonly oauthError?: OAuthError
}

/** What {@link formatRegistryErrorBody} prints. */
export interface RegistryErrorBodyParts {
  readonly code: ErrorCode
  /** Default: that of the code. */
  readonly message?: string
  /** The access that was needed; becomes `detail`, one record for each action, or `null` if there is none. */
  readonly needed?: readonly Access[]
}

/** One entry of `errors`. */
export interface ReportedError {
  /** As it was sent; often one of {@link ERROR_CODES}, in any case not trusted to be. */
  readonly code: string
  readonly message: string
  readonly detail?: unknown
}

/** What {@link parseErrorBody} found. All texts are the peer's. */
export interface ParsedErrorBody {
  /**
   * The sentence to show: `details`, else the first error's message or code, else the OAuth description or word, else
   * a plain text body. One line of at most 512 characters; `undefined` if there is nothing to show.
   */
  readonly message: string | undefined
  readonly errors: readonly ReportedError[]
  readonly oauthError?: string
  readonly oauthDescription?: string
  /** Present if the body is not a JSON object. */
  readonly problem?: BodyProblem
}

/**
 * Prints the error body of a token endpoint in both shapes at once: `errors` for registry clients, `error` and
 * `error_description` for OAuth 2 clients.
 *
 * @see {@link https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes | OCI distribution: error codes}
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.2 | RFC 6749 section 5.2}
 */
export function formatErrorBody({ code, message, oauthError }: ErrorBodyParts): string {
  const defaults = ERROR_CODES[code]
  const shown = message ?? defaults.message
  return JSON.stringify({
    errors: [{ code, message: shown, detail: null }],
    error: oauthError ?? defaults.oauthError,
    error_description: toOAuthText(shown),
  })
}

/**
 * Prints the error body of a registry: the access that was needed is spelled as registries spell it, and a line break
 * ends the body.
 *
 * @see {@link https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes | OCI distribution: error codes}
 */
export function formatRegistryErrorBody({ code, message, needed = [] }: RegistryErrorBodyParts): string {
  const detail = needed.flatMap((access) =>
    access.actions.map((action) => ({
      Type: access.type,
      Class: access.class ?? '',
      Name: access.name,
      Action: action,
    })),
  )
  const error = { code, message: message ?? ERROR_CODES[code].message, detail: detail.length > 0 ? detail : null }
  return `${JSON.stringify({ errors: [error] })}\n`
}

/**
 * Reads an error body of a token endpoint or a registry, in whichever shape it comes: both JSON shapes, plain text,
 * nothing. Never throws; a body over the size limit is not read.
 *
 * @param limits `maxBytes` defaults to 65 536.
 */
export function parseErrorBody(body: string | Uint8Array, limits: BodyLimits = {}): ParsedErrorBody {
  const json = readJsonBody(body, limits.maxBytes)
  if (json.outcome === 'failed') {
    const message = json.problem === 'not_json' ? toShownText(json.text) : undefined
    return { message, errors: [], problem: json.problem }
  }

  const errors = readErrors(json.members.get('errors'))
  const oauthError = readText(json.members.get('error'))
  const oauthDescription = readText(json.members.get('error_description'))
  const candidates = [
    readText(json.members.get('details')),
    errors[0]?.message,
    errors[0]?.code,
    oauthDescription,
    oauthError,
  ]
  return {
    message: candidates.map((text) => toShownText(text ?? '')).find((text) => text !== undefined),
    errors,
    ...(oauthError !== undefined && { oauthError }),
    ...(oauthDescription !== undefined && { oauthDescription }),
  }
}

const MAX_ERRORS = 16
const MAX_SHOWN = 512

function readErrors(value: unknown): readonly ReportedError[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, MAX_ERRORS).flatMap((entry: unknown) => {
    const members = readMembers(entry)
    if (members === undefined) return []
    const detail = members.get('detail') ?? undefined
    return [
      {
        code: readText(members.get('code')) ?? '',
        message: readText(members.get('message')) ?? '',
        ...(detail !== undefined && { detail }),
      },
    ]
  })
}

const readText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** RFC 6749 allows printable ASCII without quotation mark and backslash. */
const toOAuthText = (text: string): string => text.replaceAll('"', "'").replaceAll(/[^\x20-\x5b\x5d-\x7e]/gu, '?')

/** One line that cannot move the cursor or colour the screen of whoever reads it. */
function toShownText(text: string): string | undefined {
  const line = text
    .slice(0, MAX_SHOWN)
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim()
  return line === '' ? undefined : line
}
