import { ConfigurationError } from '@lockkeeper/core'
import type { HeaderStyle } from '../issue/header-style.ts'

/** What {@link registryConfiguration} prints. */
export interface RegistryConfigurationOptions {
  /** The generation of the registry: Distribution 2.8, or 3.0 and later. */
  readonly registry: '2.8' | '3.x'
  /** URL of the token endpoint, as clients reach it. */
  readonly realm: string
  readonly service: string
  readonly issuer: string
  /** How tokens for this service say which key signed them. */
  readonly headerStyle: HeaderStyle
  /** Where the registry will find the published certificates. Default: `/etc/distribution/lockkeeper.pem`. */
  readonly rootCertBundle?: string
  /** Where the registry will find the published JWKS. Default: `/etc/distribution/lockkeeper.jwks.json`. */
  readonly jwks?: string
}

const NEEDS = {
  //                   2.8                3.x
  x5c: { '2.8': 'rootcertbundle', '3.x': 'rootcertbundle' },
  'kid-libtrust': { '2.8': 'rootcertbundle', '3.x': 'jwks' },
  'kid-thumbprint': { '2.8': undefined, '3.x': 'jwks' },
  'kid-custom': { '2.8': undefined, '3.x': 'jwks' },
} as const satisfies Record<HeaderStyle, Record<RegistryConfigurationOptions['registry'], string | undefined>>

/**
 * Prints the part of a registry's configuration file that makes it trust the tokens of one service.
 *
 * @throws {ConfigurationError} when this generation cannot verify tokens of this style.
 * @see {@link https://distribution.github.io/distribution/about/configuration/#token | Distribution: token authentication}
 */
export function registryConfiguration(options: RegistryConfigurationOptions): string {
  const { registry, realm, service, issuer, headerStyle } = options
  const files = {
    rootcertbundle: options.rootCertBundle ?? '/etc/distribution/lockkeeper.pem',
    jwks: options.jwks ?? '/etc/distribution/lockkeeper.jwks.json',
  }
  const need = NEEDS[headerStyle][registry]
  if (need === undefined) {
    const message = `registry ${registry} cannot verify tokens in the style ${headerStyle}; use x5c or kid-libtrust`
    throw new ConfigurationError('registry configuration', [{ path: 'headerStyle', message }])
  }
  // A JSON string is a YAML string as well.
  const lines = Object.entries({ realm, service, issuer, [need]: files[need] })
  return ['auth:', '  token:', ...lines.map(([key, value]) => `    ${key}: ${JSON.stringify(value)}`), ''].join('\n')
}
