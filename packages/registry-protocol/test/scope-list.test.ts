import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseScope } from '../src/scope.ts'
import { formatScopeList, mergeScopes, normalizeScopes, parseScopeList } from '../src/scope-list.ts'
import { anyScope, nearScope } from './arbitrary-scope.ts'

const cacheKey = (...values: string[]) => formatScopeList(normalizeScopes(parseScopeList(values).scopes))
const reasons = (values: readonly string[], limits = {}) =>
  parseScopeList(values, limits).problems.map(({ reason }) => reason)

describe('parseScopeList', () => {
  it('reads repeated values and lists in one value alike, in order', () => {
    const expected = [
      { type: 'repository', name: 'c/d', actions: ['pull'] },
      { type: 'repository', name: 'a/b', actions: ['push', 'pull'] },
    ]

    expect(parseScopeList(['repository:c/d:pull', 'repository:a/b:push,pull']).scopes).toEqual(expected)
    expect(parseScopeList([' repository:c/d:pull  repository:a/b:push,pull ', '']).scopes).toEqual(expected)
  })

  it('merges equal resources into the place of the first, with the union of their actions', () => {
    expect(
      parseScopeList([
        'repository:a:pull repository:b:pull',
        'repository(image):a:push,pull',
        'repository(plugin):a:pull',
      ]).scopes,
    ).toEqual([
      { type: 'repository', name: 'a', actions: ['pull', 'push'] },
      { type: 'repository', name: 'b', actions: ['pull'] },
      { type: 'repository', class: 'plugin', name: 'a', actions: ['pull'] },
    ])
  })

  it('keeps what is no scope apart from what is one', () => {
    expect(parseScopeList(['repository:a:pull,PUSH nonsense repository:B/c:pull'])).toEqual({
      scopes: [{ type: 'repository', name: 'a', actions: ['pull'] }],
      problems: [
        expect.objectContaining({ reason: 'missing_part', text: 'nonsense' }),
        expect.objectContaining({ reason: 'bad_name', text: 'repository:B/c:pull' }),
      ],
      ignoredActions: ['PUSH'],
    })
  })

  it.each([[[]], [['']], [['   ', '']]])('reads %j as a login probe', (values) => {
    expect(parseScopeList(values)).toEqual({ scopes: [], problems: [], ignoredActions: [] })
  })

  it('separates at spaces only', () => {
    expect(reasons(['repository:a:pull\trepository:b:pull'])).toEqual(['bad_character'])
    expect(reasons(['repository:a:pull\nrepository:b:pull'])).toEqual(['bad_character'])
  })

  it('ISS-03: reads 100 scopes, equal ones counted, and nothing at all of a longer list', () => {
    const list = (count: number) => Array.from({ length: count }, () => 'repository:a:pull')

    expect(reasons(list(100))).toEqual([])
    expect(reasons([list(100).join(' ')])).toEqual([])
    expect(parseScopeList(list(101))).toMatchObject({ scopes: [], problems: [{ reason: 'too_many_scopes' }] })
    expect(reasons([list(101).join(' ')])).toEqual(['too_many_scopes'])
    expect(reasons(list(2), { maxScopes: 1 })).toEqual(['too_many_scopes'])
  })

  it('ISS-03: refuses the 17th action of a resource also when it comes from several scopes', () => {
    const actions = (count: number, letter: string) =>
      Array.from({ length: count }, (_, index) => `${letter}${index}`).join(',')

    expect(reasons([`repository:a:${actions(9, 'x')} repository:a:${actions(7, 'y')}`])).toEqual([])
    const over = parseScopeList([`repository:b:pull repository:a:${actions(9, 'x')} repository:a:${actions(8, 'y')}`])
    expect(over.scopes.map(({ name }) => name)).toEqual(['b'])
    expect(over.problems.map(({ reason }) => reason)).toEqual(['too_many_actions'])
  })

  it('ISS-03: hands its limits on to each scope', () => {
    expect(reasons(['repository:a:pull,push'], { maxActions: 1 })).toEqual(['too_many_actions'])
    expect(reasons(['repository:ab:pull'], { maxNameLength: 1 })).toEqual(['name_too_long'])
  })

  it('finds the same scopes that one-by-one reading finds, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(nearScope, { maxLength: 5 }), (values) => {
        const { scopes, problems } = parseScopeList(values)
        const pieces = values.flatMap((value) => value.split(' ')).filter((piece) => piece !== '')
        const results = pieces.map((piece) => parseScope(piece))
        const accepted = results.flatMap((result) => (result.outcome === 'accepted' ? [result.scope] : []))

        expect(scopes).toEqual(mergeScopes(accepted))
        expect(problems).toHaveLength(results.length - accepted.length)
      }),
    )
  })
})

describe('normalizeScopes', () => {
  it('CLI-03: gives one cache key to every spelling of the same wish', () => {
    const key = 'repository:a/b:pull,push repository:c/d:pull'

    expect(cacheKey('repository:c/d:pull', 'repository:a/b:push,pull')).toBe(key)
    expect(cacheKey('repository:a/b:pull repository(image):a/b:push repository:c/d:pull')).toBe(key)
    expect(cacheKey('repository(plugin):a/b:pull,push repository:c/d:pull')).not.toBe(key)
    expect(cacheKey('repository:a/b:pull repository:c/d:pull')).not.toBe(key)
  })

  it('does not depend on order, and changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.array(anyScope, { maxLength: 8 }), (scopes) => {
        const normal = normalizeScopes(scopes)
        const backwards = scopes.map((scope) => ({ ...scope, actions: scope.actions.toReversed() })).reverse()

        expect(normalizeScopes(backwards)).toEqual(normal)
        expect(normalizeScopes(normal)).toEqual(normal)
        expect(parseScopeList([formatScopeList(normal)]).scopes).toEqual(normal)
      }),
    )
  })
})

describe('mergeScopes', () => {
  it('puts challenged scopes before wanted ones when given in that order', () => {
    const challenged = parseScopeList(['repository:b:pull']).scopes
    const wanted = parseScopeList(['repository:a:pull repository:b:delete']).scopes

    expect(formatScopeList(mergeScopes([...challenged, ...wanted]))).toBe('repository:b:pull,delete repository:a:pull')
  })
})
