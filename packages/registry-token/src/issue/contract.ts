import type { SecurityContext } from '@lockkeeper/core'
import type { Access, ErrorCode } from '@lockkeeper/registry-protocol'
import type { JSONWebKeySet } from 'jose'

/** What a client asks the token endpoint for, after it was authenticated. */
export interface TokenRequest {
  /** The audience; absent or empty means the only one that is configured. */
  readonly service?: string
  /** The raw values of every `scope` parameter or form field, in order; each may hold several scopes. */
  readonly scopes: readonly string[]
  /** Who asks. Wrong credentials never come this far: they are answered with 401 before a token is thought of. */
  readonly context: SecurityContext
}

/** What was asked for and not granted, and the sentence of the policy that says so; for the audit. */
export interface Denial {
  /** The resource, and only those of its actions that were denied. */
  readonly access: Access
  readonly reason: string
}

/** A token, or why there is none. Fewer rights than asked for, even none, is a token with what remains. */
export type TokenAnswer =
  | {
      readonly outcome: 'issued'
      /** Compact JWS; a secret. */
      readonly token: string
      /** What was left of the token's life when it was signed, rounded down; at least 60. */
      readonly expiresInSeconds: number
      /** The `iat` claim: whole seconds, rounded down. */
      readonly issuedAt: Date
      /** The audience, also where the request named none. */
      readonly service: string
      readonly requested: readonly Access[]
      /** In the order of `requested`; resources of which nothing was granted are left out. */
      readonly granted: readonly Access[]
      readonly denials?: readonly Denial[]
    }
  | {
      readonly outcome: 'refused'
      readonly status: 400 | 401
      readonly code: ErrorCode
      /** For the client. */
      readonly message: string
      /** For the operator: `unknown_service`, `service_missing`, `scope_required`, `token_too_large` or a scope problem such as `bad_name`. */
      readonly reason: string
    }

/** Issues registry tokens for the services it is configured with. */
export interface TokenService {
  /** @throws {BackendUnavailableError} when rights cannot be read or no key can sign: the client sees 503. */
  issue(request: TokenRequest): Promise<TokenAnswer>
  /** Names of the configured services. */
  readonly services: readonly string[]
  /** The public keys under every key id that tokens carry, for verifiers that read a JWKS. */
  jwks(): JSONWebKeySet
  /** The certificates that registries trust as `rootcertbundle`, PEM. */
  pemBundle(): string
}
