import { canonicalName } from '@lockkeeper/core'
import { EqualityFilter } from 'ldapts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requires } from '../../../test/servers/requirements.ts'
import { type SlapdServer, startSlapd } from '../../../test/servers/slapd.ts'
import { userFilter } from '../src/filter.ts'
import type { LdapAuthenticator } from '../src/index.ts'
import { call } from './logins.ts'
import { PEOPLE, slapdAuth } from './people.ts'

const NAMES = [
  '*',
  'j*',
  '*ane',
  'jane*',
  'j*ne',
  '*)(uid=*',
  'jane)(uid=*',
  'jane))(|(uid=*',
  ')(|(uid=jane',
  '(jane)',
  '&(uid=jane)',
  '!(uid=nobody)',
  'jane\\',
  '\\6aane',
  '\\2a',
  'ja\\00ne',
  'uid=jane',
  'jane,ou=people',
  // These become ASCII when a name is made canonical: brackets, a star, a backslash.
  '\uff0a',
  'j\uff0a',
  '\uff09\uff08uid=\uff0a',
  '\uff3c2a',
]

const need = requires('slapd', 'openssl')
describe.skipIf(need.skip)(`names in a filter${need.note}`, () => {
  let server: SlapdServer
  let auth: LdapAuthenticator
  beforeAll(async () => {
    server = await startSlapd({ ldif: PEOPLE })
    auth = slapdAuth(server)
  })
  afterAll(async () => {
    await auth?.[Symbol.asyncDispose]()
    await server?.stop()
  })

  const find = (typed: string) => auth.lookUp({ typed, canonical: canonicalName(typed) ?? typed }, call)

  it.each(NAMES)('LDP-02: %j finds nobody, because nobody is called that', async (typed) => {
    expect((await find(typed)).account).toBeUndefined()
  })

  it.each(['star*', 'STAR*', 'star\uff0a'])('LDP-02: %j finds the one person who is called that', async (typed) => {
    const { username } = (await auth.searchUser?.(typed, call)) ?? {}
    expect(username).toBe('star*')
    expect((await find(typed)).account).toBe((await find('star*')).account)
  })

  it('LDP-02: a name is a value of a tree, which knows no escapes', () => {
    for (const name of NAMES)
      expect(userFilter('uid', name, undefined)).toEqual(new EqualityFilter({ attribute: 'uid', value: name }))
  })
})
