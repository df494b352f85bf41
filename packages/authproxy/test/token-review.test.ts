import { describe, expect, it } from 'vitest'
import { login, outcomeOf } from '../../../test/outcomes.ts'
import { answering } from '../../../test/servers/answering.ts'
import type { HttpAuthOptions } from '../src/index.ts'
import { authOf, BOB, JANE, proxy } from './house.ts'

const YES = { authenticated: true, user: { username: 'Jane', groups: ['dev'] } }
const review = (status: unknown, more: object = {}) => ({
  kind: 'TokenReview',
  apiVersion: 'authentication.k8s.io/v1',
  spec: { token: 'any' },
  status,
  ...more,
})

/** How a login ends when its token is reviewed with this answer. */
async function reviewedAs(answer: unknown, options: Partial<HttpAuthOptions> = {}, status = 201): Promise<string> {
  const backend = await proxy()
  backend.answer(backend.reviewUrl(), answering(status, answer))
  return outcomeOf(login(authOf(backend, options), 'Jane', JANE.password))
}

describe('a token review', () => {
  it('says who a session belongs to, whatever was typed', async () => {
    const backend = await proxy()
    backend.answer(backend.loginUrl, answering(200, { session_id: backend.tokenOf('bob') }))
    expect(await login(authOf(backend), 'Jane', 'any')).toMatchObject({ identity: { username: 'bob', subject: 'bob' } })
  })

  it.each(['v1', 'v1beta1'] as const)('is asked for in %s', async (apiVersion) => {
    const backend = await proxy()
    const auth = authOf(backend, { tokenReview: { url: backend.reviewUrl(apiVersion), apiVersion } })
    expect(await outcomeOf(login(auth, 'Jane', JANE.password))).toBe('authenticated')
    const { body } = backend.requests.at(-1) ?? { body: '' }
    expect(JSON.parse(body)).toEqual({
      apiVersion: `authentication.k8s.io/${apiVersion}`,
      kind: 'TokenReview',
      spec: { token: expect.stringMatching(/^session\./) },
    })
  })

  it('is shown the token itself, or a token of our own', async () => {
    const backend = await proxy()
    await login(authOf(backend), 'Jane', JANE.password)
    const { headers, body } = backend.requests.at(-1) ?? { headers: {}, body: '{}' }
    expect(headers.authorization).toBe(`Bearer ${JSON.parse(body).spec.token}`)

    const strict = await proxy({ reviewerToken: 'of the reviewer' })
    const url = strict.reviewUrl()
    const own = authOf(strict, { tokenReview: { url, token: 'of the reviewer' } })
    expect(await outcomeOf(login(own, 'Jane', JANE.password))).toBe('authenticated')
  })

  it('that our own token may not ask for is no refusal, and says what to mend', async () => {
    const strict = await proxy({ reviewerToken: 'of the reviewer' })
    const wrong = authOf(strict, { tokenReview: { url: strict.reviewUrl(), token: 'another' } })
    expect(await outcomeOf(login(wrong, 'Jane', JANE.password))).toMatch(
      /answers 401; check that tokenReview.token may/,
    )
    expect(await reviewedAs({}, {}, 403)).toMatch(/answers 403; check that tokenReview.token may/)
  })

  it('of a token for others is a refusal, also when the endpoint knows nothing of audiences', async () => {
    const backend = await proxy({ audiences: ['registry', 'other'] })
    const auth = (...audiences: string[]) => authOf(backend, { tokenReview: { url: backend.reviewUrl(), audiences } })
    expect(await outcomeOf(login(auth('registry'), 'Jane', JANE.password))).toBe('authenticated')
    expect(await outcomeOf(login(auth('wiki'), 'Jane', JANE.password))).toBe('rejected: not_allowed')
    const url = backend.reviewUrl()
    backend.answer(url, answering(201, review(YES)))
    expect(await outcomeOf(login(auth('registry'), 'Jane', JANE.password))).toBe('rejected: not_allowed')
    backend.answer(url, answering(201, review({ ...YES, audiences: ['wiki'] })))
    expect(await outcomeOf(login(auth('registry'), 'Jane', JANE.password))).toBe('rejected: not_allowed')
  })
})

describe('APX-01: success needs a boolean, a name and a list of groups', () => {
  it('and has it here', async () => {
    expect(await reviewedAs(review(YES))).toBe('authenticated')
    expect(await reviewedAs(review({ authenticated: true, user: { username: 'Jane' } }))).toBe('authenticated')
  })

  it.each<[string, unknown]>([
    ['false', { ...YES, authenticated: false }],
    ['left out, as Kubernetes does', { user: {}, error: '[invalid bearer token]' }],
    ['left out beside a name', { user: YES.user }],
  ])('authenticated that is %s is a refusal', async (_, status) => {
    expect(await reviewedAs(review(status))).toBe('rejected: not_allowed')
  })

  it.each<[string, unknown]>([
    ['authenticated as a text', review({ ...YES, authenticated: 'true' })],
    ['authenticated as a number', review({ ...YES, authenticated: 1 })],
    ['authenticated as a list', review({ ...YES, authenticated: [true] })],
    ['authenticated as an object', review({ ...YES, authenticated: {} })],
    ['authenticated as null', review({ ...YES, authenticated: null })],
    ['no user', review({ authenticated: true })],
    ['a user that is a text', review({ authenticated: true, user: 'Jane' })],
    ['a user that is a list', review({ authenticated: true, user: [{ username: 'Jane' }] })],
    ['no name', review({ authenticated: true, user: {} })],
    ['an empty name', review({ authenticated: true, user: { username: '' } })],
    ['a blank name', review({ authenticated: true, user: { username: ' ' } })],
    ['a name that is a number', review({ authenticated: true, user: { username: 7 } })],
    ['a name that is a list', review({ authenticated: true, user: { username: ['Jane'] } })],
    ['a name that is an object', review({ authenticated: true, user: { username: { toString: 'Jane' } } })],
    ['a name with a line end', review({ authenticated: true, user: { username: 'Jane\n' } })],
    ['a name with a NUL', review({ authenticated: true, user: { username: 'Jane\0' } })],
    ['a name of 256 letters', review({ authenticated: true, user: { username: 'x'.repeat(256) } })],
    ['a uid that is a number', review({ authenticated: true, user: { username: 'Jane', uid: 1 } })],
    ['groups as a text', review({ authenticated: true, user: { username: 'Jane', groups: 'dev' } })],
    ['groups as an object', review({ authenticated: true, user: { username: 'Jane', groups: { 0: 'dev' } } })],
    ['groups as null', review({ authenticated: true, user: { username: 'Jane', groups: null } })],
    ['a group that is a number', review({ authenticated: true, user: { username: 'Jane', groups: ['dev', 1] } })],
    ['a group that is a list', review({ authenticated: true, user: { username: 'Jane', groups: [['dev']] } })],
    ['an empty group', review({ authenticated: true, user: { username: 'Jane', groups: [''] } })],
    ['no status', { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1' }],
    ['a status that is a list', review([YES])],
    ['another kind', review(YES, { kind: 'SubjectAccessReview' })],
    ['another version', review(YES, { apiVersion: 'authentication.k8s.io/v1beta1' })],
    ['another group of the API', review(YES, { apiVersion: 'authorization.k8s.io/v1' })],
    ['what was sent, and nothing more', review(undefined)],
    ['a list of reviews', [review(YES)]],
    ['null', 'null'],
    ['a page', '<html>'],
    ['nothing', ''],
    [
      'a member called __proto__',
      '{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","status":{"__proto__":{"authenticated":true}}}',
    ],
  ])('%s lets nobody in, and refuses nobody', async (_, answer) => {
    expect(await reviewedAs(answer)).toMatch(/answers with (?:something else than|a body that is not the JSON)/)
  })

  it.each([202, 204, 301, 302, 307, 400, 404, 409, 429, 500, 503])('status %s is no answer', async (status) => {
    expect(await reviewedAs(status === 204 ? '' : review(YES), {}, status)).toMatch(`answers ${status}`)
  })
})

describe('groups and administrators', () => {
  const identityOf = async (options: Partial<HttpAuthOptions>, user: object = YES.user) => {
    const backend = await proxy()
    backend.answer(backend.reviewUrl(), answering(201, review({ authenticated: true, user })))
    const result = await login(authOf(backend, options), 'Jane', JANE.password)
    return result.outcome === 'authenticated' ? result.identity : result
  }

  it('name each group once', async () => {
    expect(await identityOf({}, { username: 'Jane', groups: ['dev', 'ops', 'dev'] })).toMatchObject({
      groups: [{ key: 'dev' }, { key: 'ops' }],
    })
  })

  it('compare names and groups exactly', async () => {
    expect(await identityOf({ adminUsernames: ['Jane'] })).toMatchObject({ isAdmin: true })
    expect(await identityOf({ adminGroups: ['dev'] })).toMatchObject({ isAdmin: true })
    expect(
      await identityOf({ adminUsernames: ['jane', 'dev'], adminGroups: ['Dev', 'Jane', 'de'] }),
    ).not.toHaveProperty('isAdmin')
  })

  it('know a person by the name, or by the uid where that is asked for', async () => {
    const user = { username: 'Jane', uid: 'u-1' }
    expect(await identityOf({}, user)).toMatchObject({ subject: 'Jane', username: 'Jane' })
    expect(await identityOf({ subject: 'uid' }, user)).toMatchObject({ subject: 'u-1', username: 'Jane' })
    await expect(identityOf({ subject: 'uid' })).rejects.toThrow(/names no uid/)
    await expect(identityOf({ subject: 'uid' }, { username: 'Jane', uid: '' })).rejects.toThrow(/names no uid/)
  })

  it('belong to a mode and an issuer', async () => {
    expect(await identityOf({ instance: 'emea' })).toMatchObject({ mode: 'http_auth/emea', issuer: 'http_auth/emea' })
    expect(await identityOf({ issuer: 'proxy' })).toMatchObject({ mode: 'http_auth', issuer: 'proxy' })
  })

  it('are found for administration only where everybody is taken to exist', async () => {
    const backend = await proxy()
    const { searchUser, searchGroup } = authOf(backend)
    expect([searchUser, searchGroup]).toEqual([undefined, undefined])
    const assuming = authOf(backend, { assumeFound: true })
    expect(await assuming.searchUser?.('carol', { signal: AbortSignal.abort() })).toMatchObject({
      subject: 'carol',
      username: 'carol',
      groups: [],
    })
    expect(await assuming.searchUser?.('ca\nrol', { signal: AbortSignal.abort() })).toBeUndefined()
    expect(await assuming.searchGroup?.('dev', { signal: AbortSignal.abort() })).toEqual({ key: 'dev', name: 'dev' })
    expect(backend.requests).toEqual([])
  })
})

describe('a password', () => {
  it.each<[string, number, unknown, string | RegExp]>([
    ['401, as the proxy says it', 401, { error: 'wrong' }, 'rejected: bad_credentials'],
    ['401 with a session all the same', 401, { session_id: 'x' }, 'rejected: bad_credentials'],
    ['403', 403, {}, /answers 403/],
    ['201 with a session', 201, { session_id: 'x' }, /answers 201/],
    ['a redirect', 302, {}, /answers 302/],
    ['500', 500, {}, /answers 500/],
    ['no session', 200, {}, /something else than {"session_id": "..."}/],
    ['an empty session', 200, { session_id: '' }, /something else/],
    ['a session that is a number', 200, { session_id: 7 }, /something else/],
    ['a session with a line end', 200, { session_id: 'a\r\nx: y' }, /something else/],
    ['a list', 200, ['x'], /something else/],
    ['no JSON', 200, 'welcome', /not the JSON/],
  ])('that is answered with %s', async (_, status, body, expected) => {
    const backend = await proxy()
    backend.answer(backend.loginUrl, answering(status, body))
    expect(await outcomeOf(login(authOf(backend), 'Jane', JANE.password))).toMatch(expected)
  })

  it('with a session that is nobody’s lets nobody in', async () => {
    const backend = await proxy()
    backend.answer(backend.loginUrl, answering(200, { session_id: 'session.unknown' }))
    expect(await outcomeOf(login(authOf(backend), 'Jane', JANE.password))).toBe('rejected: not_allowed')
  })

  it('is for nobody whose name holds a colon, which would end the name at the proxy', async () => {
    const backend = await proxy({ people: [{ username: 'jane', password: 'a:b' }] })
    expect(await outcomeOf(login(authOf(backend), 'jane', 'a:b'))).toBe('authenticated')
    expect(await outcomeOf(login(authOf(backend), 'jane:a', 'b'))).toBe('rejected: malformed')
    expect(backend.passwordsTried).toBe(1)
  })

  it('goes with the name as it was typed, since the proxy may tell cases apart', async () => {
    const backend = await proxy()
    expect(await outcomeOf(login(authOf(backend), 'BOB', BOB.password))).toBe('rejected: bad_credentials')
    expect(backend.requests[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from(`BOB:${BOB.password}`).toString('base64')}`,
    )
  })
})
