import type { Authenticator, AuthResult } from '@lockkeeper/core'
import { type LdapAuthenticator, type LdapAuthOptions, ldapAuth } from '../src/index.ts'
import { BASE, READER } from './stub-directory.ts'

/** A call that nobody ends. */
export const call = { signal: new AbortController().signal }

export const named = (typed: string) => ({ typed, canonical: typed.toLowerCase() })

/** Both halves of a login, without a lockout between. */
export async function login(auth: Authenticator, username: string, password: string): Promise<AuthResult> {
  const candidate = await auth.lookUp(named(username), call)
  return await candidate.verify(password, call)
}

/** How a login ended, in one word. */
export async function outcomeOf(login: Promise<AuthResult>): Promise<string> {
  try {
    const result = await login
    return result.outcome === 'rejected' ? `rejected: ${result.reason}` : result.outcome
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

/** An authenticator of the stub's people, or of `more`. */
export const stubAuth = (url: LdapAuthOptions['url'], more: Partial<LdapAuthOptions> = {}): LdapAuthenticator =>
  ldapAuth({ url, insecureAllowPlaintext: !more.startTls, baseDn: BASE, ...READER, ...more })
