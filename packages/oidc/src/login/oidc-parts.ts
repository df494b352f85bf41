import type { Clock } from '@lockkeeper/core'
import type { OidcAuthSettings } from '../options.ts'
import type { KeptCopy } from '../provider/kept-copy.ts'
import type { ProviderMetadata } from '../provider/metadata.ts'
import type { ProviderFetch } from '../provider/provider-fetch.ts'
import type { SigningKeys } from '../tokens/signing-keys.ts'
import type { ToIdentity } from './identity.ts'

/** What the parts of one provider's login share. */
export interface OidcParts {
  readonly settings: OidcAuthSettings
  readonly clock: Clock
  readonly fetch: ProviderFetch
  readonly metadata: KeptCopy<ProviderMetadata>
  readonly keys: SigningKeys
  readonly toIdentity: ToIdentity
}
