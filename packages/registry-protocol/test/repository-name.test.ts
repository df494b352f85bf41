import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstPathComponent, isRepositoryName, parseRepositoryName } from '../src/repository-name.ts'

const read = (text: string) => {
  const result = parseRepositoryName(text)
  return result.outcome === 'accepted' ? result.name : result.reason
}

describe('parseRepositoryName', () => {
  it.each([
    ['alpine', { path: 'alpine' }],
    ['team/app', { path: 'team/app' }],
    ['a__b/c.d/e--f', { path: 'a__b/c.d/e--f' }],
    ['0/1', { path: '0/1' }],
    ['localhost', { path: 'localhost' }],
    ['localhost/app', { host: 'localhost', path: 'app' }],
    ['localhost:5000/app', { host: 'localhost:5000', path: 'app' }],
    ['reg.ex/team/app', { host: 'reg.ex', path: 'team/app' }],
    ['reg.ex:5000/team/app', { host: 'reg.ex:5000', path: 'team/app' }],
    ['Reg.EX/team/app', { host: 'Reg.EX', path: 'team/app' }],
    ['127.0.0.1:5000/app', { host: '127.0.0.1:5000', path: 'app' }],
    ['xn--bcher-kva.ex/app', { host: 'xn--bcher-kva.ex', path: 'app' }],
    ['a_b.c/app', { path: 'a_b.c/app' }],
  ])('reads %s', (text, expected) => {
    expect(read(text)).toEqual({ name: text, ...expected })
  })

  it.each([
    '',
    '/',
    '/app',
    'app/',
    'team//app',
    '.',
    '..',
    'team/..',
    'team/../app',
    'a..b',
    'a___b',
    'a_-b',
    'a._b',
    '-app',
    'app-',
    'app_',
    '.app',
    'App',
    'team/App',
    'Team/app',
    'team/a%2fb',
    'team/app:latest',
    'team/app@sha256',
    'team/*',
    'caf\u00e9',
    'team/a b',
    'team/a\n',
    'a\0',
    'team\\app',
    'Alpine.EX',
  ])('ISS-02: rejects %j', (text) => {
    expect(read(text)).toBe('bad_component')
    expect(isRepositoryName(text)).toBe(false)
  })

  it.each([
    'ex.com:port/app',
    'ex.com:/app',
    'ex.com:5000:1/app',
    'ex.com:123456/app',
    ':5000/app',
    '[::1]:5000/app',
    '-ex.com/app',
    'ex-.com/app',
    'ex..com/app',
    'A_b.com/app',
    'user@ex.com/app',
    './app',
    '../app',
  ])('ISS-02: rejects the host part of %j', (text) => {
    expect(read(text)).toBe('bad_host')
  })

  it('counts 255 characters, host part included', () => {
    const longest = `reg.ex:5000/${'a'.repeat(243)}`

    expect(read(longest)).toMatchObject({ host: 'reg.ex:5000' })
    expect(read(`${longest}a`)).toBe('name_too_long')
    expect(parseRepositoryName('team/app', 7)).toEqual({ outcome: 'rejected', reason: 'name_too_long' })
  })

  it('ISS-02: rewrites nothing, and host and path make up the name', () => {
    const nearName = fc
      .array(fc.oneof(fc.constantFrom('a', 'B', '0', '.', '_', '-', '/', ':', '5000', 'localhost'), fc.string()))
      .map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(nearName, (text) => {
        const result = parseRepositoryName(text)
        if (result.outcome === 'rejected') return
        const { name, host, path } = result.name

        expect(name).toBe(text)
        expect(host === undefined ? path : `${host}/${path}`).toBe(text)
        expect(path).toMatch(/^[a-z0-9._/-]+$/)
        expect(path.split('/').every((component) => /^[a-z0-9].*[a-z0-9]$|^[a-z0-9]$/.test(component))).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('firstPathComponent', () => {
  it('is what stands before the first slash, or the whole name', () => {
    expect(firstPathComponent('my.project/app/tool')).toBe('my.project')
    expect(firstPathComponent('alpine')).toBe('alpine')
  })
})
