/**
 * Prints the value of an `Authorization` header for a name and a password, in UTF-8.
 *
 * @param username May be empty (some clients send an identity token that way), but cannot hold a colon.
 * @param password Taken as it is: no trimming, no normalisation.
 * @throws {TypeError} if the pair cannot be carried by Basic: a colon in the name, a control character, or half a
 * surrogate pair, which would silently become another character. The message holds neither name nor password.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7617#section-2 | RFC 7617 section 2}
 */
export function formatBasic(username: string, password: string): string {
  if (username.includes(':')) throw new TypeError('a user name with a colon cannot be sent as Basic credentials')
  const pair = `${username}:${password}`
  if (/[\0-\x1f\x7f]/.test(pair)) throw new TypeError('Basic credentials cannot hold control characters')
  if (!pair.isWellFormed()) throw new TypeError('Basic credentials must be well-formed Unicode text')
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`
}
