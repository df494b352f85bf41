import type { JSONWebKeySet } from 'jose'
import { publicJwk } from '../keys/key-id.ts'
import { certificatePem } from '../keys/pem.ts'
import type { Signer, SigningKeys, TokenHeader } from '../keys/signing-keys.ts'
import type { ServiceSettings } from './options.ts'

/** The id that tokens of a service carry. */
function keyIdFor({ headerStyle, keyId }: ServiceSettings, key: Signer): string {
  switch (headerStyle) {
    case 'x5c':
      // Harmless beside the certificate, and useful in logs.
      return key.libtrustKeyId
    case 'kid-libtrust':
      return key.libtrustKeyId
    case 'kid-thumbprint':
      return key.thumbprint
    case 'kid-custom':
      return keyId ?? key.thumbprint
  }
}

/** What the header of a token says about the key that signed it, in the style of a service. */
export const headerFor = (service: ServiceSettings, key: Signer): TokenHeader => ({
  kid: keyIdFor(service, key),
  ...(service.headerStyle === 'x5c' && { x5c: key.certificates }),
})

/** Every published key under its libtrust id, and under each further id that tokens carry. */
export function publishedJwks(keys: SigningKeys, services: readonly ServiceSettings[]): JSONWebKeySet {
  return {
    keys: keys.published().flatMap((key) => {
      const signedWith = services.filter(({ algorithm }) => algorithm === key.algorithm)
      const ids = new Set([key.libtrustKeyId, ...signedWith.map((service) => keyIdFor(service, key))])
      return Array.from(ids, (kid) => ({ ...publicJwk(key.publicKey), kid, use: 'sig', alg: key.algorithm }))
    }),
  }
}

/**
 * The certificates that registries trust: the authority, and where a registry looks keys up by their id instead of by
 * their certificate, the certificates of those keys as well.
 */
export function publishedBundle(keys: SigningKeys, services: readonly ServiceSettings[]): string {
  const roots = keys.rootCertificates()
  const byId = new Set(
    services.filter(({ headerStyle }) => headerStyle.startsWith('kid-')).map(({ algorithm }) => algorithm),
  )
  const own = keys.published().filter(({ algorithm }) => roots === '' || byId.has(algorithm))
  const blocks = own.flatMap(({ certificates }) =>
    certificates.map((der) => certificatePem(Buffer.from(der, 'base64'))),
  )
  return [roots, ...blocks].join('')
}
