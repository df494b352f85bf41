import type { Grant } from '@lockkeeper/core'
import { isJsonObject } from '../refusal.ts'

/** Reads the JSON that Harbor keeps for a person's tokens; `undefined` when it is none, as after a wrong key. */
export function readHarborToken(json: string, issuer: string, subject: string): Grant | undefined {
  const token = parse(json)
  if (!isJsonObject(token)) return undefined
  const { access_token, refresh_token, id_token, expiry } = token
  const expiresAt = typeof expiry === 'string' ? new Date(expiry) : undefined
  return {
    issuer,
    subject,
    ...(isText(access_token) && { accessToken: access_token }),
    ...(isText(refresh_token) && { refreshToken: refresh_token }),
    ...(isText(id_token) && { idToken: id_token }),
    ...(expiresAt !== undefined && !Number.isNaN(expiresAt.getTime()) && { expiresAt }),
  }
}

/** Writes tokens with the field names that Harbor reads. */
export const writeHarborToken = ({ accessToken, refreshToken, idToken, expiresAt }: Grant): string =>
  JSON.stringify({
    access_token: accessToken ?? '',
    token_type: 'Bearer',
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    ...(expiresAt !== undefined && { expiry: expiresAt.toISOString() }),
    ...(idToken !== undefined && { id_token: idToken }),
  })

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
