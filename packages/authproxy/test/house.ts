import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { type Authenticator, type AuthResult, type Call, type Clock, canonicalName } from '@lockkeeper/core'
import { afterEach, beforeEach, vi } from 'vitest'
import { type AuthProxy, type AuthProxyOptions, startAuthProxy } from '../../../test/servers/auth-proxy.ts'
import { makeCertificates } from '../../../test/servers/certificates.ts'
import { temporaryFolder } from '../../../test/servers/temporary-folder.ts'
import { type HttpAuthenticator, type HttpAuthOptions, httpAuth } from '../src/index.ts'

export const JANE = { username: 'Jane', password: 'Grüße, 7 Zwerge', uid: 'u-1', groups: ['dev', 'ops'] }
export const BOB = { username: 'bob', password: 'bob-password' }
export const call: Call = { signal: new AbortController().signal }

/** An authority, and a certificate of it for 127.0.0.1 and proxy.test. */
export const certificates = await makeThem()
async function makeThem() {
  const folder = await temporaryFolder()
  const { ca, certificate, key } = await makeCertificates(folder.path, ['proxy.test'])
  const read = (file: string) => readFile(file, 'utf8')
  const made = { ca: await read(ca), cert: await read(certificate), key: await read(key) }
  await folder.remove()
  return made
}

const open: (() => unknown)[] = []
beforeEach(() => {
  // What is insecure here is meant to be, and would warn hundreds of times.
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
})
afterEach(async () => {
  vi.restoreAllMocks()
  for (const close of open.splice(0)) await close()
})

/** A proxy that knows Jane and Bob, gone after the test. */
export async function proxy(options: Partial<AuthProxyOptions> = {}): Promise<AuthProxy> {
  const made = await startAuthProxy({ people: [JANE, BOB], tls: certificates, ...options })
  open.push(() => made.close())
  return made
}

/** The auth mode of a proxy, its connections gone after the test. */
export function authOf(
  { loginUrl, reviewUrl }: AuthProxy,
  { tokenReview, ...more }: Partial<HttpAuthOptions> = {},
  clock?: Clock,
): HttpAuthenticator {
  const urls = { endpoint: loginUrl, tokenReview: { url: reviewUrl(), ...tokenReview } }
  const made = httpAuth({ ...urls, tls: { ca: certificates.ca }, ...more }, { ...(clock && { clock }) })
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
