import type { VerifyReason } from './contract.ts'
import type { JwsAlgorithm, VerifyRules } from './rules.ts'
import type { JsonObject, JsonValue } from './strict-json.ts'

/** What of a token's header is used. */
export interface TokenHeaderClaims {
  readonly alg: JwsAlgorithm
  readonly kid?: string
  /** Base64 of DER certificates; never empty. */
  readonly x5c?: readonly string[]
  /** Only where the rules allow it. */
  readonly jwk?: JsonObject
}

/**
 * Members that change what is signed (`b64`, `zip`), that ask to be understood (`crit`), or that name a place to fetch a
 * key from: whoever sends the token would choose whom we call, and whom we trust.
 */
const REFUSED_MEMBERS = ['crit', 'b64', 'zip', 'jku', 'x5u']
const MAX_KID_LENGTH = 1024

const MAX_CERTIFICATES = 5

/**
 * Reads a header before any key is looked up.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-4.1 | RFC 7515 section 4.1}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.1 | RFC 8725 section 3.1}
 */
export function readHeader(header: JsonObject, rules: VerifyRules): TokenHeaderClaims | VerifyReason {
  const alg = rules.algorithms.find((algorithm) => algorithm === header.get('alg'))
  if (alg === undefined) return 'algorithm_refused'
  if (REFUSED_MEMBERS.some((member) => header.has(member))) return 'header_refused'
  const typ = header.get('typ')
  if (rules.insecureAnyType ? typ !== undefined && typeof typ !== 'string' : typ !== 'JWT') return 'wrong_type'

  const kid = header.get('kid')
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > MAX_KID_LENGTH)) return 'header_refused'
  const x5c = readX5c(header.get('x5c'))
  const jwk = header.get('jwk')
  if (x5c === undefined) return 'header_refused'
  if (jwk !== undefined && (rules.insecureEmbeddedJwk === 'refused' || !isObject(jwk))) return 'header_refused'
  return {
    alg,
    ...(kid !== undefined && { kid }),
    ...(x5c.length > 0 && { x5c }),
    ...(jwk !== undefined && isObject(jwk) && { jwk }),
  }
}

/** The certificates of an `x5c` member, empty where there is none; `undefined` when it is not what it should be. */
export function readX5c(value: JsonValue | undefined): readonly string[] | undefined {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.length > MAX_CERTIFICATES) return undefined
  const texts = value.filter((item) => typeof item === 'string')
  return texts.length === value.length ? texts : undefined
}

const isObject = (value: JsonValue): value is JsonObject => value instanceof Map
