import { type AuthResult, authenticated, type Call, canonicalName, isUsablePassword, rejected } from '@lockkeeper/core'
import * as z from 'zod'
import type { Endpoint } from './endpoint.ts'
import type { Reviews } from './reviews.ts'

const sessionAnswer = z.object({ session_id: z.string().regex(/^[\x21-\x7e]+$/) })

/** Whether a name can be sent by Basic: what follows a colon would be taken for the password. */
const fitsBasic = (name: string): boolean => canonicalName(name) !== undefined && !name.includes(':')

/**
 * Tries a name and a password at the proxy, and asks whose the session is that it gives.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7617#section-2 | RFC 7617 section 2}
 */
export async function logInByPassword(
  { passwords, reviews }: { readonly passwords: Endpoint; readonly reviews: Reviews },
  { username, password }: { readonly username: string; readonly password: string },
  call: Call,
): Promise<AuthResult> {
  if (!fitsBasic(username) || !isUsablePassword(password)) return rejected('malformed')
  const credentials = Buffer.from(`${username}:${password}`).toString('base64')
  const answer = await passwords.post({ headers: { authorization: `Basic ${credentials}` } }, call)
  if (answer.status === 401) return rejected('bad_credentials')
  if (answer.status !== 200) throw passwords.unavailable(`answers ${answer.status}`)
  const { session_id: token } = passwords.read(answer, sessionAnswer, '{"session_id": "..."}')
  const identity = await reviews.identityOf(token, call)
  // The password was right, and yet nobody is behind it.
  return identity === undefined ? rejected('not_allowed') : authenticated(identity)
}
