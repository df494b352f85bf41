/**
 * How a token says which key signed it; the styles exclude each other on some registries.
 *
 * - `x5c`: the certificate itself, and the libtrust id for logs; every registry that trusts the authority verifies it
 * - `kid-libtrust`: registry 2.8 finds the id among its bundled certificates, 3.x in a JWKS file
 * - `kid-thumbprint`: RFC 7638, for registry 3.x and programs that read a JWKS
 * - `kid-custom`: a text of the operator's, for programs that read a JWKS
 */
export const HEADER_STYLES = ['x5c', 'kid-libtrust', 'kid-thumbprint', 'kid-custom'] as const

/** One of {@link HEADER_STYLES}. */
export type HeaderStyle = (typeof HEADER_STYLES)[number]
