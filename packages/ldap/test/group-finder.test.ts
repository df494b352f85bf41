import { ExtensibleFilter } from 'ldapts'
import { describe, expect, it } from 'vitest'
import type { SearchRequest } from '../src/directory-connection.ts'
import { DirectoryEntry } from '../src/entry.ts'
import { groupOptions } from '../src/group-options.ts'
import { GroupFinder } from '../src/groups.ts'
import type { Person } from '../src/person.ts'

const dn = (name: string) => `cn=${name},dc=example`
const JANE: Person = { dn: 'uid=jane,dc=example', id: '1', username: 'jane', memberOf: [] }

/** A directory of groups, `{ group: members }`, that counts the questions it is asked. */
function directoryOf(members: Readonly<Record<string, readonly string[]>>, capabilities: readonly string[] = []) {
  const questions: SearchRequest[] = []
  const search = async (request: SearchRequest) => {
    if (request.scope === 'base') {
      return [new DirectoryEntry({ dn: '', supportedCapabilities: [...capabilities] })]
    }
    questions.push(request)
    const asked = String(request.filter)
    return Object.entries(members)
      .filter(([, list]) =>
        list.some((member) => asked.includes(`member=${member})`) || asked.includes(`:=${member})`)),
      )
      .map(([name]) => new DirectoryEntry({ dn: dn(name), cn: name }))
  }
  return { search, questions }
}

const finder = (more: { nested?: boolean; max?: number } = {}) =>
  new GroupFinder({
    groups: groupOptions.parse({ from: 'search', memberAttributes: ['member'], ...more }),
    baseDn: 'dc=example',
    adminGroupDn: undefined,
  })
const namesOf = async (more: { nested?: boolean; max?: number }, directory: ReturnType<typeof directoryOf>) =>
  (await finder(more).membershipOf(JANE, directory.search)).groups.map(({ name }) => name)

describe('finding groups', () => {
  it('takes one question', async () => {
    const directory = directoryOf({ a: [JANE.dn], b: [dn('a')] })
    expect(await namesOf({}, directory)).toEqual(['a'])
    expect(directory.questions.length).toBe(1)
  })

  it('takes one question where the directory follows groups of groups itself', async () => {
    const directory = directoryOf({ a: [JANE.dn] }, ['1.2.840.113556.1.4.800'])
    expect(await namesOf({ nested: true }, directory)).toEqual(['a'])
    expect(directory.questions.length).toBe(1)
    expect(directory.questions[0]?.filter).toBeInstanceOf(ExtensibleFilter)
  })

  it('takes one question for each level where it does not, and ends where a circle closes', async () => {
    const directory = directoryOf({ a: [JANE.dn, dn('c')], b: [dn('a')], c: [dn('b')] })
    expect(await namesOf({ nested: true }, directory)).toEqual(['a', 'b', 'c'])
    expect(directory.questions.length).toBe(4)
  })

  it('goes up eight levels and no further', async () => {
    const chain = Object.fromEntries(
      Array.from({ length: 20 }, (_, level) => [`g${level}`, [level === 0 ? JANE.dn : dn(`g${level - 1}`)]]),
    )
    const directory = directoryOf(chain)
    expect((await namesOf({ nested: true }, directory)).length).toBe(8)
    expect(directory.questions.length).toBe(8)
  })

  it('stops at the limit, asks for many groups in several questions, and says that there were more', async () => {
    const first = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`a${index}`, [JANE.dn]]))
    const directory = directoryOf({ ...first, b: [dn('a119')] })
    expect((await namesOf({ nested: true }, directory)).length).toBe(121)
    // One for Jane's groups, three for theirs, one for what those found.
    expect(directory.questions.length).toBe(5)
    const cut = await finder({ nested: true, max: 100 }).membershipOf(JANE, directoryOf(first).search)
    expect([cut.groups.length, cut.isCut]).toEqual([100, true])
  })
})
