import { describe, expect, it } from 'vitest'
import { answering } from '../../../test/servers/answering.ts'
import { type HttpAuthOptions, httpAuth } from '../src/index.ts'
import { authOf, proxy } from './house.ts'

const CALLBACK = new URL('https://auth.example.com/auth/http_auth/callback')

async function houseOf(options: Partial<HttpAuthOptions> = {}) {
  const backend = await proxy()
  const mode = authOf(backend, { browserLogin: { url: backend.pageUrl, name: 'the proxy' }, ...options })
  const login = mode.externalLogin
  if (login === undefined) throw new TypeError('there is no login in a browser')
  return { backend, mode, login }
}

describe('a login in a browser', () => {
  it('goes to the page of the proxy and comes back with a token', async () => {
    const { backend, login } = await houseOf()
    const { redirectTo, pending } = await login.start({ callbackUrl: CALLBACK })
    expect(`${redirectTo.origin}${redirectTo.pathname}`).toBe(backend.pageUrl)
    const back = new URL(redirectTo.searchParams.get('redirect_uri') ?? '')
    expect(`${back.origin}${back.pathname}`).toBe(CALLBACK.href)
    back.searchParams.set('token', backend.tokenOf('Jane'))
    expect(await login.finish(back, pending)).toMatchObject({
      outcome: 'authenticated',
      identity: { mode: 'http_auth', username: 'Jane' },
      grant: { issuer: 'http_auth', subject: 'Jane' },
    })
    expect(login).toMatchObject({ mode: 'http_auth', name: 'the proxy', onboarding: 'automatic' })
  })

  it('begins with a value that nobody can guess, and none twice', async () => {
    const { login } = await houseOf()
    const states = await Promise.all(
      Array.from({ length: 50 }, async () => (await login.start({ callbackUrl: CALLBACK })).pending.state),
    )
    expect(new Set(states).size).toBe(50)
    for (const state of states) expect(state).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  it.each<[string, (back: URLSearchParams, token: string) => void, string]>([
    ['no state', (back) => back.delete('state'), 'wrong_state'],
    ['another state', (back) => back.set('state', 'x'.repeat(43)), 'wrong_state'],
    ['a state of other letters', (back) => back.set('state', 'é'.repeat(43)), 'wrong_state'],
    ['two states', (back) => back.append('state', back.get('state') ?? ''), 'wrong_state'],
    ['no token', (back) => back.delete('token'), 'no_token'],
    ['two tokens', (back, token) => back.append('token', token), 'no_token'],
    ['an empty token', (back) => back.set('token', ''), 'token_refused'],
    ['a token that is nobody’s', (back) => back.set('token', 'session.unknown'), 'token_refused'],
    ['a token of 4 KiB', (back) => back.set('token', 'x'.repeat(4_096)), 'token_refused'],
  ])('ends with a refusal when it comes back with %s', async (_, spoil, reason) => {
    const { backend, login } = await houseOf()
    const { redirectTo, pending } = await login.start({ callbackUrl: CALLBACK })
    const back = new URL(redirectTo.searchParams.get('redirect_uri') ?? '')
    back.searchParams.set('token', backend.tokenOf('Jane'))
    spoil(back.searchParams, backend.tokenOf('Jane'))
    expect(await login.finish(back, pending)).toEqual({ outcome: 'rejected', reason })
  })

  it('signs nobody in whom another browser sent, or nobody', async () => {
    const { backend, login } = await houseOf()
    const mine = await login.start({ callbackUrl: CALLBACK })
    const theirs = await login.start({ callbackUrl: CALLBACK })
    const back = new URL(theirs.redirectTo.searchParams.get('redirect_uri') ?? '')
    back.searchParams.set('token', backend.tokenOf('Jane'))
    expect(await login.finish(back, mine.pending)).toEqual({ outcome: 'rejected', reason: 'wrong_state' })
    back.searchParams.set('state', '')
    expect(await login.finish(back, {})).toEqual({ outcome: 'rejected', reason: 'wrong_state' })
  })

  it('cannot be told while the proxy is down', async () => {
    const { backend, login } = await houseOf()
    const { redirectTo, pending } = await login.start({ callbackUrl: CALLBACK })
    const back = new URL(redirectTo.searchParams.get('redirect_uri') ?? '')
    back.searchParams.set('token', backend.tokenOf('Jane'))
    backend.answer(backend.reviewUrl(), answering(503, {}))
    await expect(login.finish(back, pending)).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
  })

  it('says under which name a token is taken on the command line, where passwords are not', async () => {
    expect((await houseOf()).login.tokenUsername).toBeUndefined()
    const urls = { tokenReview: { url: 'https://proxy.test/review' }, browserLogin: { url: 'https://proxy.test/' } }
    const withoutPasswords = httpAuth({ ...urls, instance: 'emea' }).externalLogin
    expect(withoutPasswords?.tokenUsername?.('Jane')).toBe('tokenreview-emea$Jane')
  })

  it('is there only when it is set', async () => {
    const mode = authOf(await proxy())
    expect(mode.externalLogin).toBeUndefined()
    expect(mode.routes).toBeUndefined()
  })
})

describe('OID-09: whom the proxy sends with a token of its own accord', () => {
  const redirect = async (query: string) => {
    const { mode, backend } = await houseOf()
    const [route] = mode.routes?.({} as never) ?? []
    const url = new URL(`https://auth.example.com${route?.path}?${query}`)
    const answer = await route?.handle(new Request(url), { url } as never)
    return { status: answer?.status, location: answer?.headers.get('location'), asked: backend.requests.length }
  }

  it('begins at the beginning: the token signs nobody in, and is asked about nowhere', async () => {
    const { mode } = await houseOf()
    expect(mode.routes?.({} as never)).toMatchObject([{ method: 'GET', path: '/c/authproxy/redirect' }])
    expect(await redirect('token=session.of.the.attacker&postURI=%2Fprofile')).toEqual({
      status: 303,
      location: '/auth/http_auth/start?next=%2Fprofile',
      asked: 0,
    })
    expect((await redirect('token=x')).location).toBe('/auth/http_auth/start')
  })

  it.each(['//evil.test', 'https://evil.test/', '/\\evil.test', '/%0d%0aset-cookie: x', '/a&token=x', '\r\nx: y'])(
    'is sent to no other place by postURI=%s',
    async (target) => {
      const { location } = await redirect(new URLSearchParams({ postURI: target }).toString())
      const url = new URL(location ?? '', 'https://auth.example.com')
      expect(location).toMatch(/^\/auth\/http_auth\/start\?next=[^\s\\/]*$/)
      expect([url.origin, url.pathname]).toEqual(['https://auth.example.com', '/auth/http_auth/start'])
      expect([...url.searchParams]).toEqual([['next', target]])
    },
  )

  it('goes nowhere in particular with two targets', async () => {
    expect((await redirect('postURI=/a&postURI=/b')).location).toBe('/auth/http_auth/start')
  })

  it('comes to the first instance alone, since the path has no room for others', async () => {
    const { mode } = await houseOf({ instance: 'emea' })
    expect(mode.externalLogin).toMatchObject({ mode: 'http_auth/emea' })
    expect(mode.routes).toBeUndefined()
  })
})
