import type { Grant } from '@lockkeeper/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ACCESS_TOKEN, CALLBACK, type House, makeHouse } from './house.ts'
import type { Answer } from './scripted-provider.ts'

let house: House
beforeEach(async () => {
  house = await makeHouse()
})
afterEach(() => house.provider.stop())

const UNAVAILABLE = { code: 'ERR_BACKEND_UNAVAILABLE' }
const grant = (): Grant => ({
  issuer: house.provider.issuer,
  subject: 'jane-1',
  refreshToken: 'refresh-1',
  idToken: 'id-token-of-old',
  session: 'session-1',
})
const refresh = (change: Partial<Grant> = {}) => house.oidc.externalLogin.refresh({ ...grant(), ...change })
const token = (answer: Answer) => house.provider.routes.set('/token', () => answer)
const tokens = (more: object = {}): Answer => ({
  body: { access_token: ACCESS_TOKEN, token_type: 'Bearer', expires_in: 60, ...more },
})

/** What a token endpoint can answer when it gives no tokens. */
const REFUSED: readonly [string, Answer][] = [
  ['invalid_grant', { status: 400, body: { error: 'invalid_grant' } }],
  ['login_required', { status: 400, body: { error: 'login_required' } }],
  ['interaction_required', { status: 400, body: { error: 'interaction_required' } }],
]
const CANNOT_TELL: readonly [string, Answer, string][] = [
  ['invalid_client', { status: 401, body: { error: 'invalid_client' } }, 'check clientId'],
  [
    'a challenge for our client',
    { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' }, body: { error: 'invalid_client' } },
    'check clientId',
  ],
  ['unauthorized_client', { status: 400, body: { error: 'unauthorized_client' } }, 'check clientId'],
  ['invalid_request', { status: 400, body: { error: 'invalid_request' } }, 'invalid_request'],
  ['an error with a secret in its name', { status: 400, body: { error: 'Secret 12' } }, 'an error of its own'],
  ['too many requests', { status: 429, body: { error: 'slow_down' } }, 'slow_down'],
  ['500', { status: 500, body: {} }, 'cannot be used'],
  ['a page', { body: '<html>' }, 'not the JSON'],
  ['a redirect', { status: 302, headers: { location: 'https://evil.test/' } }, 'cannot be used'],
  ['no access token', { body: { token_type: 'Bearer' } }, 'cannot be used'],
  ['an access token that is an object', { body: { access_token: {}, token_type: 'Bearer' } }, 'cannot be used'],
  ['a kind of token we do not know', { body: { access_token: 'a', token_type: 'mac' } }, 'cannot be used'],
]

describe('OID-11: a refresh that the provider refuses ends the grant', () => {
  it.each(REFUSED)('%s', async (_what, answer) => {
    token(answer)
    expect(await refresh()).toEqual({ outcome: 'rejected', reason: 'refresh_refused' })
  })
})

describe('OID-11: a refresh that nobody answered is no refusal', () => {
  it.each(CANNOT_TELL)('%s', async (_what, answer, message) => {
    token(answer)
    await expect(refresh()).rejects.toMatchObject({ ...UNAVAILABLE, message: expect.stringContaining(message) })
  })

  it('a provider that is gone', async () => {
    await house.oidc.externalLogin.endSession(grant())
    await house.provider.stop()
    await expect(refresh()).rejects.toMatchObject(UNAVAILABLE)
    house = await makeHouse()
  })
})

describe('a refresh', () => {
  it('gives the person as of now, and a grant that keeps what did not change', async () => {
    token(tokens({ refresh_token: 'refresh-2' }))
    const claims = { sub: 'jane-1', preferred_username: 'jane', groups: ['new'] }
    house.provider.routes.set('/userinfo', () => ({ body: claims }))
    expect(await refresh()).toMatchObject({
      outcome: 'authenticated',
      identity: { subject: 'jane-1', groups: [{ key: 'new' }] },
      grant: {
        ...grant(),
        refreshToken: 'refresh-2',
        accessToken: ACCESS_TOKEN,
        expiresAt: new Date(house.clock.wallMs() + 60_000),
      },
    })
  })

  it('keeps the refresh token where the provider does not rotate it', async () => {
    const id_token = await house.idToken()
    token(tokens({ id_token }))
    expect(await refresh()).toMatchObject({ grant: { refreshToken: 'refresh-1', idToken: id_token } })
  })

  it('is refused when it is about somebody else', async () => {
    token(tokens({ id_token: await house.idToken({ claims: { sub: 'admin' } }) }))
    expect(await refresh()).toEqual({ outcome: 'rejected', reason: 'token_sub' })
    token(tokens())
    house.provider.routes.set('/userinfo', () => ({ body: { sub: 'admin', preferred_username: 'admin' } }))
    expect(await refresh()).toEqual({ outcome: 'rejected', reason: 'userinfo_sub' })
  })

  it('OID-05: is refused when its ID token has a bad signature', async () => {
    const [header, , signature] = (await house.idToken()).split('.')
    const claims = Buffer.from(JSON.stringify({ ...house.claims(), groups: ['admins'] })).toString('base64url')
    token(tokens({ id_token: `${header}.${claims}.${signature}` }))
    expect(await refresh()).toEqual({ outcome: 'rejected', reason: 'token_signature' })
  })

  it('OID-03: never sends the grant of another provider', async () => {
    token(tokens())
    expect(await refresh({ issuer: 'https://other.test' })).toEqual({
      outcome: 'rejected',
      reason: 'grant_of_another_issuer',
    })
    expect(house.provider.count('/token')).toBe(0)
  })

  it('needs a refresh token', async () => {
    const { refreshToken: _none, ...without } = grant()
    const answer = await house.oidc.externalLogin.refresh(without)
    expect(answer).toEqual({ outcome: 'rejected', reason: 'refresh_token_missing' })
  })

  it('hands over the new grant when the provider fell silent after giving it', async () => {
    house.provider.routes.set('/userinfo', () => ({ status: 503 }))
    token(tokens({ refresh_token: 'refresh-2', id_token: await house.idToken() }))
    expect(await refresh()).toMatchObject({
      outcome: 'unavailable',
      grant: { refreshToken: 'refresh-2', idToken: 'id-token-of-old', session: 'session-1' },
      error: UNAVAILABLE,
    })
  })
})

/** A login up to the token endpoint, which gives this answer. */
async function redeem(from: House, answer: Answer) {
  const { redirectTo, pending } = await from.oidc.externalLogin.start({ callbackUrl: CALLBACK })
  let sent: { body: string; headers: NodeJS.Dict<string | string[]> } | undefined
  from.provider.routes.set('/token', (request) => {
    sent = request
    return answer
  })
  const back = new URL(CALLBACK)
  const state = redirectTo.searchParams.get('state') ?? ''
  back.search = new URLSearchParams({ code: 'code-1', state, iss: from.provider.issuer }).toString()
  const login = from.oidc.externalLogin.finish(back, pending)
  return { login, pending, sent: () => ({ ...sent, form: new URLSearchParams(sent?.body) }) }
}

describe('redeeming a code', () => {
  it.each(REFUSED)('that the provider refuses (%s) refuses the login, after one try', async (_what, answer) => {
    const { login } = await redeem(house, answer)
    expect(await login).toEqual({ outcome: 'rejected', reason: 'code_refused' })
    expect(house.provider.count('/token')).toBe(1)
  })

  it.each(CANNOT_TELL)('that nobody can judge (%s) is an outage, after one try', async (_what, answer) => {
    const { login } = await redeem(house, answer)
    await expect(login).rejects.toMatchObject(UNAVAILABLE)
    expect(house.provider.count('/token')).toBe(1)
  })

  it('OID-01: proves by the verifier that we began the login, and by the secret who we are', async () => {
    const { login, pending, sent } = await redeem(house, { status: 400, body: { error: 'invalid_grant' } })
    await login
    const { form, headers } = sent()
    expect(form.get('code_verifier')).toBe(pending.verifier)
    expect(form.get('client_secret')).toBeNull()
    const [scheme, basic = ''] = String(headers?.authorization).split(' ')
    expect(scheme).toBe('Basic')
    expect(atob(basic).split(':').map(decodeURIComponent)).toEqual(['lockkeeper', 'client-secret'])
  })

  it('sends the secret in the form where that was asked for, and none where there is none', async () => {
    const post = await makeHouse({ clientAuthentication: 'post' })
    const { login, sent } = await redeem(post, { status: 400, body: { error: 'invalid_grant' } })
    await login
    expect(sent().form.get('client_secret')).toBe('client-secret')
    expect(sent().headers?.authorization).toBeUndefined()
    await post.provider.stop()
  })
})
