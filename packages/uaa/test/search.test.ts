import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { call } from '../../../test/outcomes.ts'
import { answering } from '../../../test/servers/answering.ts'
import { equals } from '../src/scim-filter.ts'
import { authOf, JANE, standIn } from './house.ts'

const PERSON = { id: 'u-1', userName: 'jane', active: true }
const found = (...resources: readonly unknown[]) => answering(200, { resources, totalResults: resources.length })

describe('searching a person', () => {
  it('finds by name in any case, by the id that logs in', async () => {
    const uaa = await standIn()
    expect(await authOf(uaa).searchUser?.('JANE', call)).toMatchObject({
      mode: 'uaa_auth',
      issuer: 'uaa_auth',
      username: 'jane',
      email: 'jane@example.test',
      displayName: 'jane of UAA',
      groups: [],
    })
    expect(await authOf(uaa).searchUser?.('nobody', call)).toBeUndefined()
  })

  it.each(['', ' jane', 'ja\0ne', 'x'.repeat(256)])('asks UAA nothing for what is no name: %j', async (name) => {
    const uaa = await standIn()
    expect(await authOf(uaa).searchUser?.(name, call)).toBeUndefined()
    expect(uaa.requests).toEqual([])
  })

  it('finds nobody who may not log in', async () => {
    const uaa = await standIn()
    uaa.answer('/Users', found({ ...PERSON, active: false }))
    expect(await authOf(uaa).searchUser?.('jane', call)).toBeUndefined()
  })

  it('UAA-03: takes one result at most', async () => {
    const uaa = await standIn({ people: [JANE, { ...JANE, origin: 'ldap' }] })
    await expect(authOf(uaa).searchUser?.('jane', call)).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
    expect(uaa.requests.at(-1)?.query.get('count')).toBe('2')
    expect(await authOf(uaa, { origin: 'ldap' }).searchUser?.('jane', call)).toMatchObject({ username: 'jane' })
  })

  it('UAA-03: takes nobody of another name', async () => {
    const uaa = await standIn()
    uaa.answer('/Users', found({ ...PERSON, userName: 'admin' }))
    expect(await authOf(uaa).searchUser?.('jane', call)).toBeUndefined()
  })

  it.each<[string, unknown]>([
    ['no list', {}],
    ['people without an id', { resources: [{ userName: 'jane' }] }],
    ['an id that is a number', { resources: [{ id: 1, userName: 'jane' }] }],
    ['a name that is a list', { resources: [{ id: 'u-1', userName: ['jane'] }] }],
    ['a list in a list', [[PERSON]]],
  ])('UAA-03: %s is no result', async (_, answer) => {
    const uaa = await standIn()
    uaa.answer('/Users', answering(200, answer))
    await expect(authOf(uaa).searchUser?.('jane', call)).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
  })

  it('says what to do when the client may not search', async () => {
    const uaa = await standIn()
    uaa.client.authorities = []
    await expect(authOf(uaa).searchUser?.('jane', call)).rejects.toThrow(/add scim.read to its authorities/)
  })
})

describe('searching a group', () => {
  it('finds scopes by their one spelling', async () => {
    const auth = authOf(await standIn())
    expect(await auth.searchGroup?.('team.dev', call)).toEqual({ key: 'team.dev', name: 'team.dev' })
    expect(await auth.searchGroup?.('Team.dev', call)).toBeUndefined()
    expect(await auth.searchGroup?.('team.ops', call)).toBeUndefined()
  })

  it('finds none that a login would not name', async () => {
    const uaa = await standIn()
    expect(await authOf(uaa, { groups: ['team.*'] }).searchGroup?.('registry.admin', call)).toBeUndefined()
    expect(await authOf(uaa).searchGroup?.('openid', call)).toBeUndefined()
    expect(uaa.requests).toEqual([])
  })
})

describe('UAA-03: the value of a filter is one quoted string', () => {
  it.each([
    ['jane', 'userName eq "jane"'],
    ['x" or userName eq "jane', 'userName eq "x\\" or userName eq \\"jane"'],
    ["x' or userName eq 'jane", 'userName eq "x\\u0027 or userName eq \\u0027jane"'],
    ['x\\', 'userName eq "x\\\\"'],
    ['x" and (1 pr)', 'userName eq "x\\" and (1 pr)"'],
    ['é\n', 'userName eq "é\\n"'],
  ])('%j', (value, filter) => {
    expect(equals('userName', value)).toBe(filter)
  })

  it('whatever it is: the filter reads back as the value, also with single quotes turned into double ones', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const filter = equals('userName', value)
        const literal = filter.slice('userName eq '.length)
        expect(JSON.parse(literal)).toBe(value)
        expect(literal).toMatch(/^"(?:[^"\\]|\\.)*"$/s)
        expect(filter).not.toContain("'")
      }),
    )
  })

  it.each(['x" or userName eq "jane', "x' or userName eq 'jane", 'jane" pr or "', '*', 'j%', '\\u006aane'])(
    'finds nobody by %j',
    async (name) => {
      expect(await authOf(await standIn()).searchUser?.(name, call)).toBeUndefined()
    },
  )
})
