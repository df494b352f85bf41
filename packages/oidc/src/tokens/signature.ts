import { compactVerify, importJWK } from 'jose'
import type { TokenRefusal } from '../refusal.ts'
import type { ParsedToken } from './signed-token.ts'
import type { SigningKeys } from './signing-keys.ts'

/** Header members by which a token would choose its own key or its own rules. */
const REFUSED_MEMBERS = ['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64', 'zip']

/**
 * Checks a token's signature with one of the provider's keys. The algorithm is one of ours, the key is bound to it, and
 * nothing that the token brings along has a say.
 *
 * @returns What is wrong; `unsure` when the key is unknown and it is too soon to ask the provider for new ones.
 * @throws {BackendUnavailableError} when the provider's keys cannot be had.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3 | RFC 8725 section 3}
 */
export async function faultOfSignature(
  { compact, header }: ParsedToken,
  keys: SigningKeys,
  algorithms: readonly string[],
): Promise<TokenRefusal | 'unsure' | undefined> {
  const { alg, kid } = header
  if (typeof alg !== 'string' || !algorithms.includes(alg)) return 'token_alg'
  if (REFUSED_MEMBERS.some((name) => Object.hasOwn(header, name))) return 'token_header'
  if (kid !== undefined && typeof kid !== 'string') return 'token_kid'
  const search = await keys.find(alg, kid)
  if ('missing' in search) return search.missing === 'unsure' ? 'unsure' : 'token_kid'
  try {
    const key = await importJWK({ ...search.key.jwk }, alg)
    await compactVerify(compact, key, { algorithms: [alg] })
    return undefined
  } catch {
    // A key that cannot be imported verifies nothing either.
    return 'token_signature'
  }
}
