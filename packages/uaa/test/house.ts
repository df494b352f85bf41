import type { Clock } from '@lockkeeper/core'
import { afterEach, beforeEach, vi } from 'vitest'
import { startUaaStandIn, type UaaStandIn, type UaaStandInOptions } from '../../../test/servers/uaa-stand-in.ts'
import { type UaaAuthenticator, type UaaAuthOptions, uaaAuth } from '../src/index.ts'

export const JANE = { username: 'jane', password: 'Grüße, 7 Zwerge', scopes: ['openid', 'team.dev', 'registry.admin'] }
export const BOB = { username: 'Bob', password: 'bob-password', scopes: ['openid'] }

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
