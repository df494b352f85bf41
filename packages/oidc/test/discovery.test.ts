import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CALLBACK, type House, makeHouse } from './house.ts'
import { discoveryOf } from './scripted-provider.ts'

const DISCOVERY = '/.well-known/openid-configuration'
const TEN_MINUTES = 600_000

let house: House
beforeEach(async () => {
  house = await makeHouse()
})
afterEach(() => house.provider.stop())

const start = () => house.oidc.externalLogin.start({ callbackUrl: CALLBACK })
const serve = (body: unknown, status = 200) => house.provider.routes.set(DISCOVERY, () => ({ status, body }))

describe('the discovery document', () => {
  it('is fetched at the first login and not before', async () => {
    expect(house.provider.count(DISCOVERY)).toBe(0)
    await Promise.all([start(), start(), start()])
    expect(house.provider.count(DISCOVERY)).toBe(1)
  })

  it('is refreshed in the background, and no login waits for that', async () => {
    await start()
    serve({ ...discoveryOf(house.provider.issuer), authorization_endpoint: `${house.provider.issuer}/new` })
    await house.clock.advance(TEN_MINUTES)
    expect((await start()).redirectTo.pathname).toBe('/authorize')
    await expect.poll(async () => (await start()).redirectTo.pathname).toBe('/new')
    expect(house.provider.count(DISCOVERY)).toBe(2)
  })

  it('serves on while the provider is down, and the operator is told', async () => {
    await start()
    serve('down for maintenance', 503)
    await house.clock.advance(TEN_MINUTES)
    expect((await start()).redirectTo.pathname).toBe('/authorize')
    await expect.poll(() => house.events).toMatchObject([{ type: 'provider_not_refreshed', mode: 'oidc_auth' }])
    expect((await start()).redirectTo.pathname).toBe('/authorize')
    expect(house.events).toHaveLength(1)
  })

  it('is asked for again soon when there has never been one', async () => {
    serve({}, 503)
    await expect(start()).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    serve(discoveryOf(house.provider.issuer))
    await expect(start()).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    await house.clock.advance(1000)
    expect((await start()).redirectTo.pathname).toBe('/authorize')
  })
})

describe('OID-04: a discovery document is not used when', () => {
  it.each([
    ['it names another issuer', { issuer: 'https://other.test' }, 'spelled exactly so'],
    ['it names no issuer', { issuer: undefined }, 'spelled exactly so'],
    ['its authorization endpoint is missing', { authorization_endpoint: undefined }, 'authorization_endpoint'],
    ['its token endpoint is elsewhere without TLS', { token_endpoint: 'http://192.0.2.1/token' }, 'token_endpoint'],
    ['its keys are no URL', { jwks_uri: 'file:///etc/passwd' }, 'jwks_uri'],
    ['its userinfo endpoint holds a password', { userinfo_endpoint: 'https://a:b@idp.test/' }, 'userinfo_endpoint'],
  ])('%s', async (_what, change, message) => {
    serve({ ...discoveryOf(house.provider.issuer), ...change })
    await expect(start()).rejects.toMatchObject({
      code: 'ERR_BACKEND_UNAVAILABLE',
      message: expect.stringContaining(message),
    })
  })

  it('its issuer differs by a slash alone', async () => {
    serve({ ...discoveryOf(house.provider.issuer), issuer: `${house.provider.issuer}/` })
    await expect(start()).rejects.toThrow('spelled exactly so')
  })

  it.each([
    ['a redirect', { status: 302, headers: { location: 'https://evil.test/' } }, 'redirects are not followed'],
    ['text', { body: 'hello' }, 'not the JSON'],
    ['a list', { body: [] }, 'not a JSON object'],
    ['a document of a megabyte', { body: { filler: 'x'.repeat(2 ** 20) } }, 'more than'],
  ])('the answer is %s', async (_what, answer, message) => {
    house.provider.routes.set(DISCOVERY, () => answer)
    await expect(start()).rejects.toThrow(message)
  })
})

describe('ping', () => {
  const ping = () => house.oidc.authenticator.ping({ signal: AbortSignal.timeout(5000) })

  it('passes when the provider answers with keys', async () => {
    await expect(ping()).resolves.toBeUndefined()
    expect(house.provider.count('/jwks')).toBe(1)
  })

  it('says what is wrong', async () => {
    serve({ ...discoveryOf(house.provider.issuer), id_token_signing_alg_values_supported: ['HS256'] })
    await expect(ping()).rejects.toThrow('signs with HS256; name one in algorithms')
  })

  it('notices a provider that went away, though the copy at hand serves on', async () => {
    await ping()
    serve({}, 500)
    await expect(ping()).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    await expect(start()).resolves.toBeDefined()
  })
})
