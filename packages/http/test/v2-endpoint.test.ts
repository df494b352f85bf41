import { BackendUnavailableError } from '@lockkeeper/core'
import { parseChallenges } from '@lockkeeper/registry-protocol'
import { describe, expect, it } from 'vitest'
import { as, buildHouse, REALM } from './house.ts'

const PUSH = 'repository:team/app:pull,push'

const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } })

/** What a token of jane opens. */
const withToken = async (house: ReturnType<typeof buildHouse>, query = ''): Promise<RequestInit> => {
  const response = await house.ask(`/service/token?service=registry${query}`, as('jane'))
  return bearer((await response.json()).token)
}

const challengeOf = (response: Response) => {
  const { challenges, problems } = parseChallenges(response.headers.get('www-authenticate'))
  expect(problems).toEqual([])
  return challenges.map(({ scheme, params }) => ({ scheme, ...Object.fromEntries(params) }))
}

describe('/v2/', () => {
  it.each(['/v2/', '/v2'])('answers %s to whoever has a token', async (path) => {
    const house = buildHouse()
    const response = await house.ask(path, await withToken(house))
    expect(response.status).toBe(200)
    expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0')
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(await response.text()).toBe('{}')
  })

  it.each([
    ['no credentials', {}, undefined],
    ['a token that is none', bearer('bad'), 'invalid_token'],
    ['Basic credentials', as('jane'), undefined],
  ])('challenges %s, in the way that every client reads', async (_, init, error) => {
    for (const path of ['/v2/', '/v2']) {
      const response = await buildHouse().ask(path, init)
      expect(response.status).toBe(401)
      expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0')
      const bearerOf = { scheme: 'bearer', realm: REALM, service: 'registry', ...(error && { error }) }
      expect(challengeOf(response)).toEqual([bearerOf])
      expect(await response.json()).toMatchObject({
        errors: [{ code: 'UNAUTHORIZED', message: 'authentication required', detail: null }],
      })
    }
  })

  it('answers HEAD alike', async () => {
    const house = buildHouse()
    expect((await house.ask('/v2/', { method: 'HEAD' })).status).toBe(401)
    expect((await house.ask('/v2/', { method: 'HEAD', ...(await withToken(house)) })).status).toBe(200)
  })

  it('tells the reason to the operator alone', async () => {
    const { ask, log } = buildHouse()
    const response = await ask('/v2/', bearer('bad'))
    expect(log).toMatchObject([{ level: 'info', status: 401, reason: 'malformed_token' }])
    expect(await response.text()).not.toContain('malformed')
  })

  it('LOG-06: refuses two Authorization fields with 400, and asks nobody', async () => {
    const house = buildHouse()
    const headers = new Headers((await withToken(house)).headers)
    headers.append('authorization', 'Bearer good')
    expect((await house.ask('/v2/', { headers })).status).toBe(400)
  })

  it('answers 503 when what decides cannot be read', async () => {
    const access = { authorize: () => Promise.reject(new BackendUnavailableError('keys', 'cannot be read')) }
    const response = await buildHouse({ access }).ask('/v2/')
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
  })

  it('challenges for a repository with the scope that is needed, and tells that it is not there to those who may know', async () => {
    const house = buildHouse()
    const upload = (init: RequestInit = {}) => house.ask('/v2/team/app/blobs/uploads/', { method: 'POST', ...init })
    expect(challengeOf(await upload())).toMatchObject([{ scope: PUSH }])
    expect(challengeOf(await upload(await withToken(house)))).toMatchObject([
      { scope: PUSH, error: 'insufficient_scope' },
    ])

    const response = await upload(await withToken(house, `&scope=${PUSH}`))
    expect(response.status).toBe(404)
    expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0')
    expect(await response.json()).toMatchObject({ errors: [{ code: 'NAME_UNKNOWN' }] })
  })

  it('asks for pull on the source of a mount as well, and refuses a source that is no name', async () => {
    const { ask } = buildHouse()
    const mount = (from: string) => ask(`/v2/team/app/blobs/uploads/?mount=x&from=${from}`, { method: 'POST' })
    expect(challengeOf(await mount('library/app'))).toMatchObject([{ scope: `${PUSH} repository:library/app:pull` }])
    const response = await mount('"\\nX-Evil: 1')
    expect([response.status, await response.json()]).toMatchObject([400, { errors: [{ code: 'NAME_INVALID' }] }])
  })

  it.each(['/v1/', '/v1', '/v1/_ping', '/v2x', '/v3/', '/v2/nothing', '/v2/Team/app/tags/list'])(
    'answers 404 to %s, authorized or not',
    async (path) => {
      const house = buildHouse()
      expect((await house.ask(path)).status).toBe(404)
      expect((await house.ask(path, await withToken(house))).status).toBe(404)
    },
  )
})
