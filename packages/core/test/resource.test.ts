import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../test/measure/cpu-time.ts'
import {
  ACTIONS,
  formatResource,
  isAction,
  isProjectName,
  isRepositoryName,
  parseResource,
  type Resource,
} from '../src/index.ts'

const word = fc.string({ unit: fc.constantFrom(...'abz019'), minLength: 1, maxLength: 12 })
const joined = (...separators: string[]) =>
  fc
    .tuple(word, fc.array(fc.tuple(fc.constantFrom(...separators), word), { maxLength: 3 }))
    .map(([first, rest]) => first + rest.map(([separator, next]) => separator + next).join(''))
const project = joined('.', '_', '-')
const component = joined('.', '_', '__', '-', '--')
const repository = fc.array(component, { minLength: 1, maxLength: 3 }).map((components) => components.join('/'))
const part = fc.constantFrom('member', 'robot-account', 'catalog')
const resource: fc.Arbitrary<Resource> = fc.oneof(
  fc.record({ kind: fc.constant('project' as const), project }),
  fc.record({ kind: fc.constant('project' as const), project, part }),
  fc.record({ kind: fc.constant('repository' as const), project, name: repository }),
  fc.record({ kind: fc.constant('system' as const), part }),
)

describe('the resource grammar', () => {
  it.each<[string, Resource]>([
    ['project:library', { kind: 'project', project: 'library' }],
    ['project:a.b_c-d/robot-account', { kind: 'project', project: 'a.b_c-d', part: 'robot-account' }],
    ['repository:library/alpine', { kind: 'repository', project: 'library', name: 'alpine' }],
    ['repository:team/app/web__x--y', { kind: 'repository', project: 'team', name: 'app/web__x--y' }],
    ['system:catalog', { kind: 'system', part: 'catalog' }],
  ])('reads %s', (text, expected) => {
    expect(parseResource(text)).toEqual(expected)
    expect(formatResource(expected)).toBe(text)
  })

  it.each([
    '',
    'project',
    ':',
    'project:',
    ':library',
    'Project:library',
    'project:Library',
    'project: library',
    'project:library ',
    'project:library\n',
    'project:-library',
    'project:library-',
    'project:a..b',
    'project:a__b',
    'project:a/',
    'project:a/b/c',
    'project:a/Member',
    'project:a/b1',
    'project:*',
    `project:${'a'.repeat(256)}`,
    'repository:library',
    'repository:library/',
    'repository:/alpine',
    'repository:library//alpine',
    'repository:library/alpine/',
    'repository:library/../alpine',
    'repository:library/.alpine',
    'repository:library/al..pine',
    'repository:library/al___pine',
    'repository:library/al%2fpine',
    'repository:library/Alpine',
    'repository:library/alpine:latest',
    'repository:bücher/alpine',
    `repository:library/${'a'.repeat(256)}`,
    'system:',
    'system:a b',
    'system:a-',
    `system:${'a'.repeat(600)}`,
    `project:library/${'a'.repeat(600)}`,
    'system:__proto__',
    'constructor:a',
    '__proto__:a',
    'registry:catalog',
  ])('refuses %j', (text) => {
    expect(parseResource(text)).toBeUndefined()
  })

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(resource, (value) => {
        expect(parseResource(formatResource(value))).toEqual(value)
      }),
    )
  })

  it('never throws, and writes back what it reads: nothing is rewritten', () => {
    const almost = resource.chain((value) => {
      const text = formatResource(value)
      return fc
        .tuple(fc.nat(text.length), fc.string({ unit: 'binary', maxLength: 2 }))
        .map(([at, junk]) => text.slice(0, at) + junk + text.slice(at))
    })
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), almost), (text) => {
        const read = parseResource(text)
        if (read) expect(formatResource(read)).toBe(text)
      }),
      { numRuns: 5000 },
    )
  })

  it.each(['a-', '-', 'a_', '__', 'a/', 'a.', 'a'])('JSX-03: takes linear time on 64 KiB of %j', async (piece) => {
    const long = piece.repeat(65_536 / piece.length)
    const read = () => {
      for (const kind of ['project', 'repository', 'system']) parseResource(`${kind}:library/${long}`)
      for (const kind of ['project', 'repository', 'system']) parseResource(`${kind}:library/${long.slice(0, 400)}!`)
      isProjectName(long)
      isRepositoryName(long)
    }
    expect(await cpuMs(read)).toBeLessThan(50)
  })
})

describe('actions', () => {
  it('are narrowed by exact spelling', () => {
    for (const action of ACTIONS) expect(isAction(action)).toBe(true)
    for (const text of ['', 'Pull', 'pull ', '*', 'toString', '__proto__']) expect(isAction(text)).toBe(false)
  })
})
