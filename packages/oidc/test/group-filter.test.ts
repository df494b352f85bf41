import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../test/measure/cpu-time.ts'
import { groupFilter } from '../src/login/group-filter.ts'

const matches = (pattern: string, name: string) => groupFilter([pattern])(name)

describe('a group filter', () => {
  it.each([
    ['dev', 'dev', true],
    ['dev', 'devs', false],
    ['dev', 'Dev', false],
    ['team-*', 'team-', true],
    ['team-*', 'team-a', true],
    ['team-*', 'my-team-a', false],
    ['*-admins', 'eu-admins', true],
    ['*-admins', 'eu-admins-x', false],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'a-c-b-c', true],
    ['a*b*c', 'acb', false],
    ['a*a', 'a', false],
    ['a*aa', 'aa', false],
    ['*ab*ab*', 'ab', false],
    ['*ab*ab*', 'xababx', true],
    ['*', '', true],
    ['**', 'x', true],
    ['a.c', 'abc', false],
    ['(a+)+', 'aaa', false],
  ])('%j over %j is %j', (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected)
  })

  it('passes all names when there is none, and any name that one of several covers', () => {
    expect(groupFilter(undefined)('x')).toBe(true)
    expect(groupFilter([])('x')).toBe(false)
    expect(groupFilter(['a', 'b*'])('bc')).toBe(true)
  })

  it('agrees with a regular expression that says the same', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.'), maxLength: 8 })
    fc.assert(
      fc.property(text, text, (pattern, name) => {
        const escaped = pattern.split('*').map((part) => part.replaceAll('.', '\\.'))
        expect(matches(pattern, name)).toBe(new RegExp(`^${escaped.join('[^]*')}$`).test(name))
      }),
    )
  })

  it('JSX-03: takes no longer for a name made against it', async () => {
    const pattern = `${'*a'.repeat(127)}*b`
    const match = () => {
      expect(matches(pattern, 'a'.repeat(100_000))).toBe(false)
      expect(matches(pattern, `${'a'.repeat(100_000)}c`)).toBe(false)
      expect(matches(`*${'ab'.repeat(60)}*b`, `${'ab'.repeat(50_000)}cb`)).toBe(true)
    }
    expect(await cpuMs(match)).toBeLessThan(50)
  })
})
