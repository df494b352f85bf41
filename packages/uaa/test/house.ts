import type { ServerResponse } from 'node:http'
import type { Authenticator, AuthResult, Call, Clock } from '@lockkeeper/core'
import { canonicalName } from '@lockkeeper/core'
import { afterEach, beforeEach, vi } from 'vitest'
import { startUaaStandIn, type UaaStandIn, type UaaStandInOptions } from '../../../test/servers/uaa-stand-in.ts'
import { type UaaAuthenticator, type UaaAuthOptions, uaaAuth } from '../src/index.ts'

export const JANE = { username: 'jane', password: 'Grüße, 7 Zwerge', scopes: ['openid', 'team.dev', 'registry.admin'] }
export const BOB = { username: 'Bob', password: 'bob-password', scopes: ['openid'] }
export const call: Call = { signal: new AbortController().signal }

const open: (() => unknown)[] = []
beforeEach(() => {
  // What is insecure here is meant to be, and would warn hundreds of times.
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
})
afterEach(async () => {
  vi.restoreAllMocks()
  for (const close of open.splice(0)) await close()
})

/** A stand-in for UAA that knows Jane and Bob, gone after the test. */
export async function standIn(options: Partial<UaaStandInOptions> = {}): Promise<UaaStandIn> {
  const uaa = await startUaaStandIn({ people: [JANE, BOB], ...options })
  open.push(() => uaa.close())
  return uaa
}

/** The auth mode of a stand-in, its connections gone after the test. */
export function authOf(uaa: UaaStandIn, more: Partial<UaaAuthOptions> = {}, clock?: Clock): UaaAuthenticator {
  const { id: clientId, secret: clientSecret } = uaa.client
  const options = { url: uaa.url, clientId, clientSecret, insecureAllowPlaintext: true, ...more }
  const made = uaaAuth(options, { ...(clock && { clock }) })
  open.push(() => made[Symbol.asyncDispose]())
  return made
}

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

/** Answers with a status and JSON, or with text as it is. */
export const answering =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  (_: unknown, response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
