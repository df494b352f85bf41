import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../test/measure/cpu-time.ts'
import { accessNeeded } from '../src/verify/access-needed.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`
const ask = (method: string, target: string) => {
  const [path = '', query = ''] = target.split('?')
  const route = accessNeeded(method, path, new URLSearchParams(query))
  return route.outcome === 'needed'
    ? route.needed.map(({ type, name, action }) => `${type}:${name}:${action}`)
    : route.outcome
}

describe('accessNeeded', () => {
  it.each([
    ['GET', ['repository:team/app:pull']],
    ['HEAD', ['repository:team/app:pull']],
    ['POST', ['repository:team/app:pull', 'repository:team/app:push']],
    ['PUT', ['repository:team/app:pull', 'repository:team/app:push']],
    ['PATCH', ['repository:team/app:pull', 'repository:team/app:push']],
    ['DELETE', ['repository:team/app:delete']],
    ['OPTIONS', []],
    ['get', []],
  ])('%s on a repository needs %j', (method, needed) => {
    expect(ask(method, '/v2/team/app/manifests/latest')).toEqual(needed)
  })

  it.each([
    ['/v2/app/tags/list', 'app'],
    ['/v2/team/app/tags/list', 'team/app'],
    ['/v2/team/app/manifests/v1.2_3-4', 'team/app'],
    [`/v2/team/app/manifests/${DIGEST}`, 'team/app'],
    [`/v2/team/app/blobs/${DIGEST}`, 'team/app'],
    [`/v2/team/app/referrers/${DIGEST}`, 'team/app'],
    ['/v2/team/app/blobs/uploads/', 'team/app'],
    ['/v2/team/app/blobs/uploads/4f1c-9_a=.b', 'team/app'],
    ['/v2/blobs/uploads/manifests/latest', 'blobs/uploads'],
    ['/v2/a/manifests/tags/list', 'a/manifests'],
    ['/v2/a/tags/manifests/list', 'a/tags'],
    ['/v2/a/blobs/uploads/blobs/uploads/', 'a/blobs/uploads'],
    ['/v2/reg.ex:5000/team/app/tags/list', 'reg.ex:5000/team/app'],
  ])('%s is about %s', (path, name) => {
    expect(ask('GET', path)).toEqual([`repository:${name}:pull`])
  })

  it('needs no more than a valid token at the base, and * for the catalogue', () => {
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) {
      expect(ask(method, '/v2/')).toEqual([])
      expect(ask(method, '/v2/_catalog?n=10')).toEqual(['registry:catalog:*'])
    }
  })

  it.each([
    '',
    '/',
    '/v2',
    '//v2/',
    '/v2//',
    '/v1/',
    '/V2/',
    '/v2/_catalog/',
    '/v2/_Catalog',
    '/v2/team/app',
    '/v2/team/app/',
    '/v2/tags/list',
    '/v2/team//app/tags/list',
    '/v2/team/app//tags/list',
    '/v2/team/app/tags/list/',
    '/v2/team/app/tags/all',
    '/v2/Team/app/tags/list',
    '/v2/team/./app/tags/list',
    '/v2/team/../app/tags/list',
    '/v2/team/%61pp/tags/list',
    '/v2/team%2fapp/tags/list',
    '/v2/team/app/manifests/',
    '/v2/team/app/manifests/-tag',
    `/v2/team/app/manifests/${'t'.repeat(129)}`,
    '/v2/team/app/manifests/la%74est',
    '/v2/team/app/blobs/latest',
    '/v2/team/app/blobs/sha256:zz',
    '/v2/team/app/blobs/uploads',
    '/v2/team/app/blobs/uploads/a/b',
    `/v2/team/app/blobs/uploads/${'u'.repeat(256)}`,
    '/v2/uploads/x/tags/list/manifests',
    'http://reg.ex/v2/',
    'v2/',
  ])('%j is no route', (path) => {
    expect(ask('GET', path)).toBe('not_found')
  })

  it('needs a pull of what a mount takes from, whatever the method', () => {
    const pull = 'repository:team/base:pull'
    expect(ask('POST', `/v2/team/app/blobs/uploads/?mount=${DIGEST}&from=team/base`)).toEqual([
      'repository:team/app:pull',
      'repository:team/app:push',
      pull,
    ])
    expect(ask('GET', '/v2/team/app/tags/list?from=team/base')).toEqual(['repository:team/app:pull', pull])
    expect(ask('OPTIONS', '/v2/team/app/tags/list?from=team/base')).toEqual([pull])
  })

  it('needs every source that is named, since a server might read any of them', () => {
    expect(ask('POST', '/v2/a/b/blobs/uploads/?from=c/d&from=e/f').slice(2)).toEqual([
      'repository:c/d:pull',
      'repository:e/f:pull',
    ])
  })

  it('needs nothing more for a mount without source', () => {
    expect(ask('POST', `/v2/a/b/blobs/uploads/?mount=${DIGEST}&from=`)).toHaveLength(2)
  })

  it.each(['Team/base', 'team//base', '../base', 'team/base:latest', 'a%00b', '*'])('refuses a source %j', (from) => {
    expect(ask('POST', `/v2/a/b/blobs/uploads/?from=${from}`)).toBe('bad_source')
  })

  it('names nothing that is not in the path, letter by letter', () => {
    const segment = fc.stringMatching(/^[a-zA-Z0-9._%:~-]{0,6}$/)
    const end = fc.constantFrom('tags/list', 'manifests/latest', `blobs/${DIGEST}`, 'blobs/uploads/', 'blobs/uploads/x')
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 5 }), end, (segments, last) => {
        const path = `/v2/${segments.join('/')}/${last}`
        const route = accessNeeded('GET', path, new URLSearchParams())
        if (route.outcome !== 'needed') return
        for (const { name } of route.needed) expect(path).toBe(`/v2/${name}/${last}`)
      }),
      { numRuns: 2000 },
    )
  })

  it('takes under 5 ms for a path of 64 KiB', async () => {
    const paths = ['/'.repeat(65_536), `/v2/${'a/'.repeat(32_000)}tags/list`, `/v2/${'a'.repeat(65_000)}/tags/list`]
    for (const path of paths) {
      expect(ask('GET', path)).toBe('not_found')
      expect(await cpuMs(() => ask('GET', path))).toBeLessThan(5)
    }
  })
})
