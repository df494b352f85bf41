import fc from 'fast-check'
import type { Scope } from '../src/scope.ts'

const word = fc.stringMatching(/^[a-z0-9]{1,10}$/)
const component = fc.stringMatching(/^[a-z0-9]{1,6}(?:(?:\.|__?|-{1,3})[a-z0-9]{1,6}){0,2}$/)
const host = fc.stringMatching(/^[A-Za-z0-9]{1,8}\.[A-Za-z0-9]{1,4}(?::[0-9]{1,5})?$/)
const path = fc.array(component, { minLength: 1, maxLength: 4 }).map((components) => components.join('/'))
const name = fc.oneof(
  path,
  fc.tuple(host, path).map(([first, rest]) => `${first}/${rest}`),
)
const action = fc.oneof(
  fc.constantFrom('pull', 'push', 'delete', '*', 'scanner-pull'),
  fc.stringMatching(/^[a-z]{1,8}$/),
)

/** Scopes within the grammar and the limits. */
export const anyScope: fc.Arbitrary<Scope> = fc
  .record(
    {
      type: fc.oneof(fc.constantFrom('repository', 'registry'), word),
      class: fc.oneof(fc.constantFrom('image', 'plugin'), word),
      name,
      actions: fc.uniqueArray(action, { maxLength: 8 }),
    },
    { requiredKeys: ['type', 'name', 'actions'] },
  )
  .map((scope) => ({ ...scope }))

/** Texts that are often close to a scope. */
export const nearScope: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'repository',
        'registry',
        '(plugin)',
        ':',
        ':',
        ',',
        '/',
        'team/app',
        'reg.ex:5000/',
        'pull',
        '*',
      ),
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(''))
