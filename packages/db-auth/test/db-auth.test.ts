import { BackendUnavailableError, type PasswordStore } from '@lockkeeper/core'
import { describe, expect, it } from 'vitest'
import { createPasswordHasher, dbAuth, type OnUpgrade } from '../src/index.ts'
import { call, HARBOR_ROWS, named, peopleWith } from './people.ts'

const hasher = createPasswordHasher()
const content = await hasher.hash('content')

async function login(store: PasswordStore, typed: string, password: string, options: object = {}) {
  const candidate = await dbAuth({ passwords: store, hasher, ...options }).lookUp(named(typed), call)
  return candidate.verify(password, call)
}

describe('logging in with a local password', () => {
  it('says who the row is, in its own spelling, by user name or e-mail address', async () => {
    const people = await peopleWith({})
    const { id } = await people.add({
      username: 'Jane',
      email: 'jane@example.com',
      displayName: 'Jane D.',
      password: content,
    })
    const identity = {
      mode: 'db_auth',
      issuer: 'db_auth',
      subject: String(id),
      username: 'Jane',
      email: 'jane@example.com',
      displayName: 'Jane D.',
      groups: [],
      version: await people.version(id),
    }
    for (const typed of ['Jane', 'jane', 'jane@example.com']) {
      expect(await login(people, typed, 'content'), typed).toEqual({ outcome: 'authenticated', identity })
    }
    expect((await dbAuth({ passwords: people, hasher }).lookUp(named('jane@example.com'), call)).account).toBe(
      String(id),
    )
  })

  it('is refused with the wrong, the empty and the overlong password', async () => {
    const people = await peopleWith({ jane: content })
    for (const password of ['Content', 'content ', '', 'x'.repeat(1025), 'a\0b']) {
      expect(await login(people, 'jane', password)).toEqual({ outcome: 'rejected', reason: 'bad_credentials' })
    }
  })

  it('is refused to a disabled account, whose reason shows only with the right password', async () => {
    const people = await peopleWith({ jane: content })
    await people.setDisabled(1, true)
    expect(await login(people, 'jane', 'content')).toEqual({ outcome: 'rejected', reason: 'disabled' })
    expect(await login(people, 'jane', 'wrong')).toEqual({ outcome: 'rejected', reason: 'bad_credentials' })
  })

  it('is refused when nobody set a password, or nobody knows how it was hashed', async () => {
    const people = await peopleWith({ odd: { ...HARBOR_ROWS.sha256, scheme: 'SHA256' } })
    await people.add({ username: 'none' })
    expect(await login(people, 'none', '')).toEqual({ outcome: 'rejected', reason: 'no_local_password' })
    expect(await login(people, 'odd', 'content')).toEqual({ outcome: 'rejected', reason: 'unknown_hash' })
  })

  it('never succeeds with an empty password, whatever is stored', async () => {
    const people = await peopleWith({ empty: await hasher.hash('') })
    expect(await login(people, 'empty', '')).toMatchObject({ outcome: 'rejected' })
  })

  it('abstains for a name that nobody has, and for accounts of other modes', async () => {
    const people = await peopleWith({}, ['lena'])
    for (const typed of ['nobody', 'lena']) {
      const candidate = await dbAuth({ passwords: people, hasher }).lookUp(named(typed), call)
      expect(candidate).not.toHaveProperty('account')
      expect(await candidate.verify('content', call)).toEqual({ outcome: 'abstained' })
    }
  })
})

describe('PWD-06: accounts of other modes', () => {
  const external = (stored: object): PasswordStore => ({
    find: async () => ({
      account: { id: 7, username: 'lena', isAdmin: false, disabled: false, mode: 'ldap_auth' },
      stored: { ...HARBOR_ROWS.sha256, ...stored },
      isExternal: true,
    }),
    replace: async () => true,
    schemes: async () => [],
  })

  it('have no local password, even when their row holds a hash that would match', async () => {
    for (const stored of [HARBOR_ROWS.sha1, HARBOR_ROWS.sha256, HARBOR_ROWS.pbkdf2_sha256, content]) {
      expect(await login(external(stored), 'lena', 'content')).toEqual({ outcome: 'abstained' })
    }
    expect(await dbAuth({ passwords: external(content), hasher }).searchUser?.('lena', call)).toBeUndefined()
  })

  it('are shut even when their mark is gone: a placeholder of Harbor’s logs nobody in', async () => {
    for (const harborVersion of ['sha256', 'pbkdf2_sha256'] as const) {
      const asHarbor = createPasswordHasher({ sharedWithHarbor: true, harborVersion })
      for (const placeholder of ['12345678AbC', '1234567ab', '']) {
        const people = await peopleWith({ unmarked: await asHarbor.hash(placeholder) })
        expect(await login(people, 'unmarked', placeholder), placeholder).toMatchObject({ outcome: 'rejected' })
      }
    }
  })
})

describe('PWD-03: a weak hash', () => {
  const upgrades: unknown[][] = []
  const onUpgrade: OnUpgrade = (...args) => void upgrades.push(args)

  it('is written anew at login, and then verifies as before', async () => {
    const people = await peopleWith(HARBOR_ROWS)
    for (const username of Object.keys(HARBOR_ROWS)) {
      expect(await login(people, username, 'content')).toMatchObject({ outcome: 'authenticated' })
      const row = await people.find(named(username))
      expect(row?.stored).toMatchObject({ scheme: 'argon2id', salt: '', hash: expect.stringMatching(/^\$argon2id\$/) })
      expect(await login(people, username, 'content')).toMatchObject({ outcome: 'authenticated' })
      expect((await people.find(named(username)))?.stored).toEqual(row?.stored)
    }
  })

  it('stays as it is when the login fails, when the setting is off, and for a disabled account', async () => {
    const people = await peopleWith({ jane: HARBOR_ROWS.sha256 })
    await login(people, 'jane', 'wrong')
    await login(people, 'jane', 'content', { upgradeOnLogin: false })
    await people.setDisabled(1, true)
    await login(people, 'jane', 'content')
    expect((await people.find(named('jane')))?.stored).toEqual(HARBOR_ROWS.sha256)
  })

  it('is replaced by what the Harbor on the same database can verify, and never by something weaker', async () => {
    const shared = createPasswordHasher({ sharedWithHarbor: true, harborVersion: 'sha256' })
    const people = await peopleWith(HARBOR_ROWS)
    for (const username of Object.keys(HARBOR_ROWS)) await login(people, username, 'content', { hasher: shared })
    expect((await people.find(named('sha1')))?.stored.scheme).toBe('sha256')
    expect((await people.find(named('sha256')))?.stored).toEqual(HARBOR_ROWS.sha256)
    expect((await people.find(named('pbkdf2_sha256')))?.stored).toEqual(HARBOR_ROWS.pbkdf2_sha256)
  })

  it('never replaces a password that was changed meanwhile', async () => {
    const people = await peopleWith({ jane: HARBOR_ROWS.sha256 })
    const changed = await hasher.hash('changed')
    const candidate = await dbAuth({ passwords: people, hasher, onUpgrade }).lookUp(named('jane'), call)
    await people.setPassword(1, changed)
    expect(await candidate.verify('content', call)).toMatchObject({ outcome: 'authenticated' })
    expect((await people.find(named('jane')))?.stored).toEqual(changed)
    expect(upgrades.splice(0)).toEqual([['changed', 1]])
  })

  it('does not fail the login when it cannot be written', async () => {
    const people = await peopleWith({ jane: HARBOR_ROWS.sha256 })
    const readOnly = new BackendUnavailableError('database', 'is read-only')
    const store: PasswordStore = {
      find: (name) => people.find(name),
      schemes: () => people.schemes(),
      replace: () => Promise.reject(readOnly),
    }
    expect(await login(store, 'jane', 'content', { onUpgrade })).toMatchObject({ outcome: 'authenticated' })
    expect(upgrades.splice(0)).toEqual([['failed', 1, readOnly]])
  })
})

describe('when it cannot tell', () => {
  const down = new BackendUnavailableError('database', 'is down')
  const broken: PasswordStore = {
    find: () => Promise.reject(down),
    replace: () => Promise.reject(down),
    schemes: () => Promise.reject(down),
  }

  it('says so, and neither refuses nor abstains', async () => {
    const auth = dbAuth({ passwords: broken, hasher })
    await expect(auth.lookUp(named('jane'), call)).rejects.toBe(down)
    await expect(auth.ping?.(call)).rejects.toBe(down)
    await expect(auth.searchUser?.('jane', call)).rejects.toBe(down)
  })

  it('PWD-05: says so for known and unknown names alike when too many wait, before any hashing', async () => {
    const people = await peopleWith({ jane: content })
    let derivations = 0
    const full = createPasswordHasher({ concurrency: 1, queue: 0 }, { onDerivation: () => derivations++ })
    const auth = dbAuth({ passwords: people, hasher: full })
    const candidates = await Promise.all(['jane', 'nobody', 'jane'].map((typed) => auth.lookUp(named(typed), call)))
    const results = await Promise.allSettled(candidates.map((candidate) => candidate.verify('content', call)))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    const [, unknown, known] = results as [unknown, PromiseRejectedResult, PromiseRejectedResult]
    expect(unknown.reason).toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE', message: known.reason.message })
    expect(derivations).toBe(1)
  })

  it('goes on with the schemes it knows when they cannot be read again', async () => {
    const people = await peopleWith({ jane: content })
    let isDown = false
    const store: PasswordStore = {
      find: (name) => people.find(name),
      replace: (...args) => people.replace(...args),
      schemes: () => (isDown ? Promise.reject(down) : people.schemes()),
    }
    let now = 0
    const clock = { monotonicMs: () => now, wallMs: () => now, sleep: async () => {} }
    const auth = dbAuth({ passwords: store, hasher, clock })
    await auth.lookUp(named('jane'), call)
    isDown = true
    now = 10 * 60_000
    expect(await auth.lookUp(named('jane'), call)).toMatchObject({ account: '1' })
  })
})

describe('administration', () => {
  it('finds local people by name', async () => {
    const people = await peopleWith({ Jane: content }, ['lena'])
    const auth = dbAuth({ passwords: people, hasher })
    expect(await auth.searchUser?.('jane', call)).toMatchObject({ username: 'Jane', subject: '1' })
    expect(await auth.searchUser?.('lena', call)).toBeUndefined()
    expect(await auth.searchUser?.(' ', call)).toBeUndefined()
  })
})
