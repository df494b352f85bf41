import { BackendUnavailableError } from '@lockkeeper/core'
import type { OidcAuthSettings } from '../options.ts'
import { jsonAnswer } from '../provider/json-answer.ts'
import type { ProviderMetadata } from '../provider/metadata.ts'
import type { ProviderFetch } from '../provider/provider-fetch.ts'
import type { Checked, JsonObject } from '../refusal.ts'

/**
 * Asks the provider for claims about the person whose access token this is.
 *
 * @param subject Who it has to be; an answer about anybody else is refused before anything of it is used.
 * @returns No claims when the provider has no such endpoint or the option `userInfo` is off.
 * @throws {BackendUnavailableError} when the provider cannot be asked: groups that are not known are not no groups.
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#UserInfoResponse | UserInfo Response}
 */
export async function fetchUserInfo(
  accessToken: string,
  subject: string,
  parts: { readonly settings: OidcAuthSettings; readonly metadata: ProviderMetadata; readonly fetch: ProviderFetch },
): Promise<Checked<JsonObject>> {
  const { settings, metadata, fetch } = parts
  if (!settings.userInfo || metadata.userinfo_endpoint === undefined) return { value: {} }
  const headers = { accept: 'application/json', authorization: `Bearer ${accessToken}` }
  const answer = await fetch(metadata.userinfo_endpoint, { headers })
  if (answer.status === 401) return { refused: 'userinfo_refused' }
  if (answer.header('content-type')?.startsWith('application/jwt')) {
    const message = 'userinfo is a token, which is not read; have the provider send JSON, or set userInfo to false'
    throw new BackendUnavailableError(settings.mode, message)
  }
  const claims = jsonAnswer(settings.mode, 'userinfo', answer)
  return claims.sub === subject ? { value: claims } : { refused: 'userinfo_sub' }
}
