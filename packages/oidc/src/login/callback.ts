import { timingSafeEqual } from 'node:crypto'
import { BackendUnavailableError } from '@lockkeeper/core'
import type { OidcAuthSettings } from '../options.ts'
import type { ProviderMetadata } from '../provider/metadata.ts'
import type { Checked } from '../refusal.ts'
import type { PendingLogin } from './pending.ts'

/** Answers of other flows, which we never ask for. */
const OTHER_FLOWS = ['response', 'id_token', 'access_token', 'token']
const OUTAGES = ['server_error', 'temporarily_unavailable']

/**
 * Checks what the browser brought back and returns the URL to redeem its code with: our own, whatever host and path the
 * browser used, with the parameters that were checked.
 *
 * @throws {BackendUnavailableError} when the provider says that it is out of order.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9207 | RFC 9207}, the parameter `iss`.
 */
export function checkCallback(
  { searchParams }: URL,
  pending: PendingLogin,
  { mode, issuer }: OidcAuthSettings,
  metadata: ProviderMetadata,
): Checked<URL> {
  const names = [...searchParams.keys()]
  if (new Set(names).size !== names.length) return { refused: 'parameter_repeated' }
  if (names.some((name) => OTHER_FLOWS.includes(name))) return { refused: 'parameter_unexpected' }

  const state = searchParams.get('state')
  if (state === null) return { refused: 'state_missing' }
  if (!isSame(state, pending.state)) return { refused: 'state_mismatch' }

  const iss = searchParams.get('iss')
  if (iss === null && metadata.authorization_response_iss_parameter_supported === true) {
    return { refused: 'issuer_missing' }
  }
  if (iss !== null && iss !== issuer) return { refused: 'issuer_mismatch' }

  const error = searchParams.get('error')
  if (error !== null && OUTAGES.includes(error)) throw new BackendUnavailableError(mode, `the provider said ${error}`)
  if (error !== null) return { refused: `provider_error:${/^[a-z_]{1,64}$/.test(error) ? error : 'other'}` }
  const code = searchParams.get('code')
  if (code === null || code === '') return { refused: 'code_missing' }

  const checked = new URL(pending.redirectUri)
  checked.search = new URLSearchParams({ code, state, ...(iss !== null && { iss }) }).toString()
  return { value: checked }
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
