import { describe, expect, it } from 'vitest'
import { accessFromScope } from '../src/access.ts'
import { formatScope, parseScope, type Scope } from '../src/scope.ts'

const scope = (text: string): Scope => {
  const result = parseScope(text)
  if (result.outcome === 'rejected') throw new Error(result.problem.message)
  return result.scope
}

describe('accessFromScope', () => {
  it('ISS-02: takes over the name as it was judged, and never puts parentheses into the type', () => {
    expect(accessFromScope(scope('repository(plugin):reg.ex:5000/team/plug:pull,push'))).toEqual({
      type: 'repository',
      class: 'plugin',
      name: 'reg.ex:5000/team/plug',
      actions: ['pull', 'push'],
    })
  })

  it('leaves the default class out', () => {
    expect(accessFromScope(scope('repository(image):app:pull'))).toEqual(accessFromScope(scope('repository:app:pull')))
    expect(accessFromScope(scope('repository:app:pull'))).not.toHaveProperty('class')
  })

  it('prints as the scope that it came from', () => {
    expect(formatScope(accessFromScope(scope('registry:catalog:*')))).toBe('registry:catalog:*')
  })
})
