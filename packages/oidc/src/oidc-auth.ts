import {
  type Authenticator,
  abstained,
  BackendUnavailableError,
  type Clock,
  type ExternalLogin,
  type HarborOidcStore,
  systemClock,
} from '@lockkeeper/core'
import { harborEncryption, readHarborKey } from './harbor/harbor-encryption.ts'
import { harborSecrets } from './harbor/harbor-secrets.ts'
import { groupFilter } from './login/group-filter.ts'
import { identityReader } from './login/identity.ts'
import { oidcLogin } from './login/oidc-login.ts'
import { type OidcAuthOptions, type OidcAuthSettings, parseOidcAuthOptions } from './options.ts'
import { keptMetadata, type ProviderMetadata } from './provider/metadata.ts'
import { providerFetch } from './provider/provider-fetch.ts'
import { signingKeys } from './tokens/signing-keys.ts'
import { untilAborted } from './until-aborted.ts'

/** What an operator should know and no answer says. */
export type OidcEvent =
  /** A credential was refused, and why. The reasons are in the README. */
  | { readonly type: 'refused'; readonly mode: string; readonly reason: string }
  /** The discovery document or the keys could not be fetched again; the copies at hand serve on. */
  | { readonly type: 'provider_not_refreshed'; readonly mode: string; readonly error: unknown }

/** What {@link oidcAuth} can be handed beside its options. */
export interface OidcAuthParts {
  readonly clock?: Clock
  readonly onEvent?: (event: OidcEvent) => void
  /** Honours the CLI secrets in a database that Harbor made. */
  readonly harbor?: {
    /** Harbor's key file, by which it encrypts its columns. */
    readonly keyFile: string
    readonly users: HarborOidcStore
  }
}

/** One OpenID provider as an auth mode: a login in the browser, and its place among the modes. */
export interface OidcAuth {
  readonly externalLogin: Required<Omit<ExternalLogin, 'tokenUsername'>>
  readonly authenticator: Authenticator & Required<Pick<Authenticator, 'ping'>>
}

/**
 * Logs people in at an OpenID provider.
 *
 * As an `Authenticator` it knows only the CLI secrets of a Harbor database; to every other password it abstains. Nothing
 * is fetched before the first login or `ping`.
 *
 * @param options Checked here; a key we do not know is an error.
 * @returns Both halves of mode `oidc_auth`, or `oidc_auth/<instance>`.
 * @throws {ConfigurationError} with every problem found.
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html | OpenID Connect Core}
 */
export function oidcAuth(options: OidcAuthOptions, given: OidcAuthParts = {}): OidcAuth {
  const settings = parseOidcAuthOptions(options)
  const { mode } = settings
  const { clock = systemClock, onEvent = () => {}, harbor } = given
  const onFailure = (error: unknown) => onEvent({ type: 'provider_not_refreshed', mode, error })
  const onRefused = (reason: string) => onEvent({ type: 'refused', mode, reason })

  if (settings.insecureIdTokenInUrl) {
    const message = `${mode}: insecureIdTokenInUrl shows ID tokens to whoever reads the browser's history or a proxy's log`
    process.emitWarning(message, { code: 'LOCKKEEPER_INSECURE' })
  }
  const fetch = providerFetch(settings, clock)
  const metadata = keptMetadata({ settings, fetch, clock, onFailure })
  const keys = signingKeys({ settings, metadata, fetch, clock, onFailure })
  const toIdentity = identityReader(settings, groupFilter(settings.groupFilter))
  const parts = { settings, clock, fetch, metadata, keys, toIdentity }

  return {
    externalLogin: oidcLogin(parts, onRefused),
    authenticator: {
      mode,
      lookUp:
        harbor === undefined
          ? async () => ({ verify: async () => abstained })
          : harborSecrets(
              parts,
              { users: harbor.users, encryption: harborEncryption(readHarborKey(harbor.keyFile)) },
              onRefused,
            ),
      ping: ({ signal }) =>
        untilAborted(mode, signal, async () => {
          checkAlgorithms(settings, await metadata.fetchNow())
          await keys.load()
        }),
    },
  }
}

function checkAlgorithms({ mode, algorithms }: OidcAuthSettings, provider: ProviderMetadata): void {
  const offered = provider.id_token_signing_alg_values_supported
  if (offered === undefined || offered.some((alg) => algorithms.some((ours) => ours === alg))) return
  throw new BackendUnavailableError(mode, `the provider signs with ${offered.join(', ')}; name one in algorithms`)
}
