import { type Authenticator, type AuthResult, type Call, canonicalName, isConfigurationError } from '@lockkeeper/core'

/** A call that nobody ends. */
export const call: Call = { signal: new AbortController().signal }

/** Both halves of a login, without a lockout between. */
export async function login(auth: Authenticator, username: string, password: string): Promise<AuthResult> {
  const name = { typed: username, canonical: canonicalName(username) ?? username }
  return (await auth.lookUp(name, call)).verify(password, call)
}

/** How a login ended, in one word; what cannot be told ends with the operator's message. */
export async function outcomeOf(login: Promise<AuthResult>): Promise<string> {
  try {
    const result = await login
    return result.outcome === 'rejected' ? `rejected: ${result.reason}` : result.outcome
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BACKEND_UNAVAILABLE') return error.message
    throw error
  }
}

/** What a configuration is refused for, each with its path; nothing when it is taken. */
export function problemsOf(make: () => unknown): readonly string[] {
  try {
    make()
  } catch (error) {
    if (isConfigurationError(error)) return error.problems.map(({ path, message }) => `${path} ${message}`.trim())
    throw error
  }
  return []
}
