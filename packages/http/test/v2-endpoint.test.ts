import { BackendUnavailableError } from '@lockkeeper/core'
import { parseChallenges } from '@lockkeeper/registry-protocol'
import { describe, expect, it } from 'vitest'
import { as, buildHouse, REALM } from './house.ts'

const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } })

describe('/v2/', () => {
  it.each(['/v2/', '/v2'])('answers %s to whoever has a token', async (path) => {
    const response = await buildHouse().ask(path, bearer('good'))
    expect(response.status).toBe(200)
    expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0')
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(await response.text()).toBe('{}')
  })

  it.each(['/v2/', '/v2'])('challenges whoever has none at %s, in the way that every client reads', async (path) => {
    for (const init of [{}, bearer('bad'), as('jane')]) {
      const response = await buildHouse().ask(path, init)
      expect(response.status).toBe(401)
      expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0')
      const { challenges, problems } = parseChallenges(response.headers.get('www-authenticate'))
      expect(problems).toEqual([])
      expect(challenges.map(({ scheme, params }) => [scheme, params.get('realm')])).toEqual([['bearer', REALM]])
      expect(await response.json()).toMatchObject({
        errors: [{ code: 'UNAUTHORIZED', message: 'authentication required', detail: null }],
      })
    }
  })

  it('answers HEAD alike', async () => {
    const { ask } = buildHouse()
    expect((await ask('/v2/', { method: 'HEAD' })).status).toBe(401)
    expect((await ask('/v2/', { method: 'HEAD', ...bearer('good') })).status).toBe(200)
  })

  it('LOG-06: refuses two Authorization fields with 400, and asks nobody', async () => {
    const headers = new Headers(bearer('good').headers)
    headers.append('authorization', 'Bearer good')
    expect((await buildHouse().ask('/v2/', { headers })).status).toBe(400)
  })

  it('answers 503 when what decides cannot be read', async () => {
    const access = { authorize: () => Promise.reject(new BackendUnavailableError('keys', 'cannot be read')) }
    const response = await buildHouse({ access }).ask('/v2/')
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
  })

  it.each(['/v1/', '/v1', '/v1/_ping', '/v2x', '/v3/'])('answers 404 to %s, authorized or not', async (path) => {
    const { ask } = buildHouse()
    expect((await ask(path)).status).toBe(404)
    expect((await ask(path, bearer('good'))).status).toBe(404)
  })
})
