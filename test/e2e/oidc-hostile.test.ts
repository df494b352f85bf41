import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Browser, locationOf } from '../../packages/http/test/web/browser.ts'
import { buildWebHouse, ORIGIN } from '../../packages/http/test/web/web-house.ts'
import { WRONG_CLAIMS, WRONG_SIGNATURES } from '../../packages/oidc/test/hostile-id-tokens.ts'
import { type Change, type House, makeHouse } from '../../packages/oidc/test/house.ts'

const REFERENCE = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

let provider: House
afterEach(() => provider.provider.stop())

/** Comes back from the provider to a page, and gives all that went over the wire but for the ids of the requests. */
async function comeBack(change: (house: House) => Change | Promise<Change>, options: Parameters<typeof makeHouse>[0]) {
  provider = await makeHouse({ name: 'Example', ...options })
  const { handler, audit, log } = await buildWebHouse({ externalLogins: [provider.oidc.externalLogin] })
  const browser = new Browser(handler, ORIGIN)
  const start = await browser.get('/auth/oidc_auth/start')
  const { pathname, search } = await provider.signInAt(new URL(locationOf(start) ?? ''), await change(provider))
  const answer = await browser.get(`${pathname}${search}`)
  const requestId = answer.headers.get('x-request-id')
  const page = await browser.get(locationOf(answer) ?? '')
  const wire = JSON.stringify(
    await Promise.all([answer, page].map(async (each) => [each.status, [...each.headers], await each.text()])),
  )
  return { wire: wire.replaceAll(REFERENCE, '…'), cookies: [...browser.cookies.keys()], requestId, audit, log }
}

/** Says that the person said no at the provider. */
function sayNo(url: URL): void {
  url.searchParams.delete('code')
  url.searchParams.set('error', 'access_denied')
}

describe('at the callback, an ID token with', () => {
  let expected: string

  beforeAll(async () => {
    expected = (await comeBack(() => ({ callback: sayNo }), {})).wire
    await provider.provider.stop()
  })

  it.each([...WRONG_CLAIMS, ...WRONG_SIGNATURES])(
    'OID-05, OID-06: $what is told to the operator alone, and the page is the one of every refusal',
    async ({ change, reason, options = {} }) => {
      const { wire, cookies, requestId, audit, log } = await comeBack(change, options)
      expect(wire).toBe(expected)
      expect(cookies).toEqual([])
      expect(log).toEqual([expect.objectContaining({ level: 'info', requestId, reason: `oidc_auth: ${reason}` })])
      expect(audit).toEqual([
        expect.objectContaining({ type: 'login', outcome: 'rejected', mode: 'oidc_auth', requestId, reason }),
      ])
    },
  )

  it('nothing wrong signs in, so that it is the token that was refused above', async () => {
    const { wire, cookies } = await comeBack(() => ({}), {})
    expect(wire).not.toBe(expected)
    expect(cookies).toEqual(['__Host-lockkeeper'])
  })
})
