import { readFile } from 'node:fs/promises'
import type { Clock } from '@lockkeeper/core'
import { afterEach, beforeEach, vi } from 'vitest'
import { type AuthProxy, type AuthProxyOptions, startAuthProxy } from '../../../test/servers/auth-proxy.ts'
import { makeCertificates } from '../../../test/servers/certificates.ts'
import { temporaryFolder } from '../../../test/servers/temporary-folder.ts'
import { type HttpAuthenticator, type HttpAuthOptions, httpAuth } from '../src/index.ts'

export const JANE = { username: 'Jane', password: 'Grüße, 7 Zwerge', uid: 'u-1', groups: ['dev', 'ops'] }
export const BOB = { username: 'bob', password: 'bob-password' }

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
