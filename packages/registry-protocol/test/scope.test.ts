import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatScope, parseScope } from '../src/scope.ts'
import { anyScope, nearScope } from './arbitrary-scope.ts'

const reason = (text: string, limits = {}) => {
  const result = parseScope(text, limits)
  return result.outcome === 'rejected' ? result.problem.reason : result.outcome
}

describe('parseScope', () => {
  it('ISS-02: reads back whatever the printer printed', () => {
    fc.assert(
      fc.property(anyScope, (scope) => {
        expect(parseScope(formatScope(scope))).toEqual({ outcome: 'accepted', scope, ignoredActions: [] })
      }),
    )
  })

  it('ISS-02: never throws, and an accepted name stands in the text as it is', () => {
    fc.assert(
      fc.property(nearScope, (text) => {
        const result = parseScope(text)
        if (result.outcome === 'rejected') return
        const { type, name, actions } = result.scope

        expect(text.startsWith(type)).toBe(true)
        expect(text).toContain(`:${name}:`)
        const asked = text.slice(text.lastIndexOf(':') + 1).split(',')
        expect(asked).toEqual(expect.arrayContaining([...actions, ...result.ignoredActions]))
        expect(asked.filter((word) => word !== '').length).toBeGreaterThanOrEqual(actions.length)
      }),
      { numRuns: 2000 },
    )
  })

  it('names each action once, in the order asked for', () => {
    expect(parseScope('repository:app:push,pull,push')).toMatchObject({ scope: { actions: ['push', 'pull'] } })
  })

  it('leaves words out that cannot be actions, and says which', () => {
    expect(parseScope('repository:team/app:Pull,push,pu*l,9,PUSH,-x')).toEqual({
      outcome: 'accepted',
      scope: { type: 'repository', name: 'team/app', actions: ['push'] },
      ignoredActions: ['Pull', 'pu*l', '9', 'PUSH', '-x'],
    })
  })

  it.each([
    'repository:team/app:pull\n',
    'repository:team/app:p\u00fcll',
    'repository:team/app:pull\tpush',
    'a b:c:d',
    '\0',
  ])('ISS-02: rejects %j for its characters', (text) => {
    expect(reason(text)).toBe('bad_character')
  })

  it('splits nothing off at a space, which separates scopes only in lists', () => {
    expect(reason('repository:a:pull repository:b:pull')).toBe('bad_character')
  })

  it('ISS-03: takes 512 bytes and not one more', () => {
    // Well-formed words that repeat: long, and within every other limit.
    const scope = (bytes: number) => `repository:app:${'a'.repeat(bytes - 15)}`

    expect(reason(scope(512))).toBe('accepted')
    expect(reason(scope(513))).toBe('scope_too_long')
    expect(reason('repository:app:pull', { maxScopeBytes: 18 })).toBe('scope_too_long')
  })

  it('ISS-03: takes a name of 255 characters and not one more', () => {
    expect(reason(`repository:${'a'.repeat(255)}:pull`)).toBe('accepted')
    expect(reason(`repository:${'a'.repeat(256)}:pull`)).toBe('name_too_long')
    expect(reason('repository:team/app:pull', { maxNameLength: 7 })).toBe('name_too_long')
  })

  it('ISS-03: takes 16 actions and not one more, repeated and impossible ones counted', () => {
    const scope = (count: number) => `repository:app:${Array.from({ length: count }, () => 'pull').join(',')}`

    expect(reason(scope(16))).toBe('accepted')
    expect(reason(scope(17))).toBe('too_many_actions')
    expect(reason(`${scope(16)},Pull`)).toBe('too_many_actions')
    expect(reason('repository:app:pull,push', { maxActions: 1 })).toBe('too_many_actions')
  })

  it('describes a problem without repeating the text in the message, and cuts the text', () => {
    expect(parseScope(`repository:${'A'.repeat(200)}:pull`)).toEqual({
      outcome: 'rejected',
      problem: {
        reason: 'bad_name',
        message: 'the name in a scope is lower-case path components, such as team/app, without tag or digest',
        text: `repository:${'A'.repeat(69)}`,
      },
    })
  })
})

describe('formatScope', () => {
  it('prints the class in parentheses after the type', () => {
    expect(formatScope({ type: 'repository', class: 'plugin', name: 'team/plug', actions: ['pull'] })).toBe(
      'repository(plugin):team/plug:pull',
    )
    expect(formatScope({ type: 'repository', name: 'reg.ex:5000/app', actions: [] })).toBe(
      'repository:reg.ex:5000/app:',
    )
  })

  it.each([
    ['a type that hides a class', { type: 'repository(plugin)', name: 'a', actions: ['pull'] }],
    ['an empty class', { type: 'repository', class: '', name: 'a', actions: ['pull'] }],
    ['a name that holds a second scope', { type: 'repository', name: 'a:pull repository:b', actions: ['pull'] }],
    ['an action that holds another', { type: 'repository', name: 'a', actions: ['pull,push'] }],
    ['an empty action', { type: 'repository', name: 'a', actions: [''] }],
  ])('ISS-02: refuses %s, which would be read as something else', (_, scope) => {
    expect(() => formatScope(scope)).toThrow(TypeError)
  })
})
