import { describe, expect, it } from 'vitest'
import type { Route } from '../src/index.ts'
import { createRouter, isCanonicalPath } from '../src/router.ts'

const route = (method: string | readonly string[], path: string): Route => ({
  method,
  path,
  handle: async () => new Response(path),
})
const found = (routes: readonly Route[], path: string, method = 'GET') => createRouter(routes)(path, method).path

describe('the table of routes', () => {
  const routes = [route('GET', '/v2/'), route(['GET', 'PUT'], '/v2/*'), route('GET', '/v2/team/*'), route('POST', '/x')]

  it('prefers the exact path, then the longest prefix', () => {
    expect(found(routes, '/v2/')).toBe('/v2/')
    expect(found(routes, '/v2/library/app')).toBe('/v2/*')
    expect(found(routes, '/v2/team/app')).toBe('/v2/team/*')
  })

  it('answers HEAD wherever it answers GET, and only there', () => {
    expect(found(routes, '/v2/', 'HEAD')).toBe('/v2/')
    expect(() => found(routes, '/x', 'HEAD')).toThrow(expect.objectContaining({ status: 405 }))
  })

  it.each(['DELETE', 'OPTIONS', 'get', 'TRACE', ''])('HTTP-03: answers 405 and the list of methods to %j', (method) => {
    expect(() => found(routes, '/v2/a', method)).toThrow(
      expect.objectContaining({ status: 405, headers: { Allow: 'GET, PUT, HEAD' } }),
    )
  })

  it.each([
    '/v2x',
    '/v2',
    '/V2/',
    '//v2/',
    '/v2//',
    '/v2//a',
    '/v2/../x',
    '/v2/./a',
    '/v2/a/..',
    '/v2/%2e%2e/x',
    '/v2/%61',
    '/v2/a%2fb',
    '/v2/a\\b',
    '/v2/a b',
    '/v2/a?b',
    '/v2/a#b',
    '/v2/ä',
    '/v2/a\0',
    'v2/',
    '',
  ])('CHN-02: takes %j for another address', (path) => {
    expect(() => found(routes, path)).toThrow(expect.objectContaining({ status: 404 }))
  })

  it('CHN-02: keeps what a registry needs in paths', () => {
    for (const path of [
      '/v2/a/manifests/sha256:0a1b',
      '/v2/a_b/c--d/blobs/uploads/',
      '/v2/_catalog',
      '/.well-known/x',
    ]) {
      expect(isCanonicalPath(path)).toBe(true)
    }
  })

  it('leaves a route out that gives way to another of its path, wherever the two stand', () => {
    const page: Route = { ...route(['GET', 'POST'], '/*'), givesWay: true }
    const own = route('GET', '/*')
    for (const both of [
      [page, own],
      [own, page],
    ]) {
      expect(createRouter(both)('/anything', 'GET')).toBe(own)
      expect(() => createRouter(both)('/anything', 'POST')).toThrow(expect.objectContaining({ status: 405 }))
    }
    expect(createRouter([page, route('GET', '/x/*')])('/anything', 'POST')).toBe(page)
    expect(() => createRouter([page, page])).toThrow(expect.objectContaining({ code: 'ERR_CONFIGURATION' }))
  })

  it('refuses contradicting routes at start, all of them at once', () => {
    const twice = [route('GET', '/a'), route(['POST', 'HEAD'], '/a'), route('get', '/b'), route('GET', '/c//d')]
    expect(() => createRouter(twice)).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIGURATION',
        problems: [
          expect.objectContaining({ path: '/a' }),
          expect.objectContaining({ path: '/b' }),
          expect.objectContaining({ path: '/c//d' }),
        ],
      }),
    )
  })
})
