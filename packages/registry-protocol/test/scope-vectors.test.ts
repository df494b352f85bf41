import { describe, expect, it } from 'vitest'
import type { Scope } from '../src/scope.ts'
import { parseScopeList } from '../src/scope-list.ts'
import type { ScopeProblemReason } from '../src/scope-problem.ts'

interface Vector {
  readonly number: number
  readonly text: string
  readonly scopes: readonly Scope[]
  readonly problems?: readonly ScopeProblemReason[]
  /** Set where we are stricter or milder than the published vector, and how. */
  readonly overruled?: string
}

const repository = (name: string, ...actions: string[]): Scope => ({ type: 'repository', name, actions })

// biome-ignore format: one vector, one line
const VECTORS: readonly Vector[] = [
  { number: 1, text: 'repository:app:pull', scopes: [repository('app', 'pull')] },
  { number: 2, text: 'repository:team/app:push,pull,push', scopes: [repository('team/app', 'push', 'pull')] },
  { number: 3, text: 'repository:reg.ex:5000/team/app:pull', scopes: [repository('reg.ex:5000/team/app', 'pull')] },
  { number: 4, text: 'repository:localhost:5000/app:pull', scopes: [repository('localhost:5000/app', 'pull')] },
  { number: 5, text: 'repository:Reg.EX/team/app:pull', scopes: [repository('Reg.EX/team/app', 'pull')] },
  { number: 6, text: 'repository:[::1]:5000/app:pull', scopes: [], problems: ['bad_name'], overruled: 'IPv6 literals are refused' },
  { number: 7, text: 'repository(plugin):team/plug:pull', scopes: [{ ...repository('team/plug', 'pull'), class: 'plugin' }] },
  { number: 8, text: 'repository(image):team/app:pull', scopes: [{ ...repository('team/app', 'pull'), class: 'image' }] },
  { number: 9, text: 'registry:catalog:*', scopes: [{ type: 'registry', name: 'catalog', actions: ['*'] }] },
  { number: 10, text: 'repository:team/app:*', scopes: [repository('team/app', '*')] },
  { number: 11, text: 'repository:team/app:*,pull', scopes: [repository('team/app', '*', 'pull')] },
  { number: 12, text: 'repository:team/app:delete', scopes: [repository('team/app', 'delete')] },
  { number: 13, text: 'repository:team/app:', scopes: [repository('team/app')] },
  { number: 14, text: 'repository:team/app:,pull,', scopes: [repository('team/app', 'pull')] },
  { number: 15, text: 'repository:a__b/c.d/e--f:pull', scopes: [repository('a__b/c.d/e--f', 'pull')] },
  { number: 16, text: 'artifact:thing:read,scanner-pull', scopes: [{ type: 'artifact', name: 'thing', actions: ['read', 'scanner-pull'] }] },
  { number: 17, text: 'repository:alpine:pull', scopes: [repository('alpine', 'pull')] },
  { number: 18, text: 'repository:a/b:pull repository:c/d:pull', scopes: [repository('a/b', 'pull'), repository('c/d', 'pull')] },
  { number: 19, text: ' repository:a/b:pull  ', scopes: [repository('a/b', 'pull')] },
  { number: 20, text: '', scopes: [] },
  { number: 21, text: 'repository:team/app:latest:pull', scopes: [], problems: ['bad_name'] },
  { number: 22, text: 'repository:ex.com:port/app:pull', scopes: [], problems: ['bad_name'] },
  { number: 23, text: 'repository:Team/App:pull', scopes: [], problems: ['bad_name'] },
  { number: 24, text: 'repository:team//app:pull', scopes: [], problems: ['bad_name'] },
  { number: 25, text: 'repository:/team/app:pull', scopes: [], problems: ['bad_name'] },
  { number: 26, text: 'repository:team/app/:pull', scopes: [], problems: ['bad_name'] },
  { number: 27, text: 'repository:a___b:pull', scopes: [], problems: ['bad_name'] },
  { number: 28, text: 'repository:-app:pull', scopes: [], problems: ['bad_name'] },
  { number: 29, text: 'repository:team/*:pull', scopes: [], problems: ['bad_name'] },
  { number: 30, text: 'repository:a/b:pull,repository:c/d:pull', scopes: [], problems: ['bad_name'] },
  { number: 31, text: 'repository:team/app:Pull', scopes: [repository('team/app')], overruled: 'an oddly cased action is left out, the scope stays' },
  { number: 32, text: 'repository:team/app:pull, push', scopes: [repository('team/app', 'pull')], problems: ['missing_part'] },
  { number: 33, text: 'Repository:team/app:pull', scopes: [], problems: ['bad_type'] },
  { number: 34, text: 'repository(:team/app:pull', scopes: [], problems: ['bad_type'] },
  { number: 35, text: ':team/app:pull', scopes: [], problems: ['bad_type'] },
  { number: 36, text: 'repository:pull', scopes: [], problems: ['missing_part'] },
  { number: 37, text: `repository:${'a'.repeat(256)}:pull`, scopes: [], problems: ['name_too_long'] },
]

describe('ISS-02: the scope vectors', () => {
  it.each(VECTORS.filter(({ overruled }) => overruled === undefined))('reads vector $number: $text', (vector) => {
    const { scopes, problems } = parseScopeList([vector.text])

    expect(scopes).toEqual(vector.scopes)
    expect(problems.map(({ reason }) => reason)).toEqual(vector.problems ?? [])
  })

  it.each(VECTORS.filter(({ overruled }) => overruled !== undefined))(
    'reads vector $number in our own way, $overruled: $text',
    (vector) => {
      const { scopes, problems } = parseScopeList([vector.text])

      expect(scopes).toEqual(vector.scopes)
      expect(problems.map(({ reason }) => reason)).toEqual(vector.problems ?? [])
    },
  )
})
