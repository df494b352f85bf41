import type { TokenService } from '@lockkeeper/registry-token'
import { textResponse } from './response.ts'
import type { Route } from './route.ts'

// Short, so that verifiers see a new key well before it signs.
const headers = { 'Cache-Control': 'public, max-age=60' }

/**
 * Publishes the verification keys: `/.well-known/jwks.json` for verifiers that read key sets, and `/service/keys.pem`, the
 * certificates for a registry's `rootcertbundle`. Both hold public keys alone.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517#section-5 | RFC 7517 section 5}
 */
export function jwksEndpoint(tokens: Pick<TokenService, 'jwks' | 'pemBundle'>): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/.well-known/jwks.json',
      handle: async () =>
        textResponse(JSON.stringify(tokens.jwks()), { contentType: 'application/jwk-set+json', headers }),
    },
    {
      method: 'GET',
      path: '/service/keys.pem',
      handle: async () => textResponse(tokens.pemBundle(), { contentType: 'application/x-pem-file', headers }),
    },
  ]
}
