import { describe, expect, it } from 'vitest'
import { type AccountStore, createAccountDirectory, type Identity, LOCAL_MODE, memoryAccounts } from '../src/index.ts'

const jane: Identity = { mode: 'ldap_auth', issuer: 'ldaps://a', subject: 'uuid-1', username: 'jane', groups: [] }
const local = (subject: string): Identity => ({
  mode: LOCAL_MODE,
  issuer: LOCAL_MODE,
  subject,
  username: 'x',
  groups: [],
})

describe('admitting people from elsewhere', () => {
  it('creates an account at the first login and finds it at the next, by issuer and subject alone', async () => {
    const accounts = memoryAccounts()
    const directory = createAccountDirectory(accounts)
    const version = expect.any(String)
    const account = { id: 1, username: 'jane', isAdmin: false, groupIds: [], mode: 'ldap_auth', version }
    expect(await directory.admit(jane)).toEqual({ outcome: 'admitted', account })
    expect(await directory.admit({ ...jane, username: 'jane.doe' })).toEqual({ outcome: 'admitted', account })
    expect(await accounts.list()).toHaveLength(1)
  })

  it('never links by user name: a name that is taken is a conflict', async () => {
    const accounts = memoryAccounts()
    await accounts.add({ username: 'jane', isAdmin: true })
    const conflict = { outcome: 'refused', reason: 'name_conflict' }
    expect(await createAccountDirectory(accounts).admit(jane)).toEqual(conflict)
    expect(await createAccountDirectory(accounts).admit({ ...jane, issuer: 'ldaps://b' })).toEqual(conflict)
  })

  it('never links by e-mail address', async () => {
    const accounts = memoryAccounts()
    await accounts.add({ username: 'root', email: 'jane@example.org', isAdmin: true })
    const admission = await createAccountDirectory(accounts).admit({ ...jane, email: 'jane@example.org' })
    expect(admission).toMatchObject({ outcome: 'admitted', account: { username: 'jane', isAdmin: false } })
  })

  it('admits known people only where on-boarding is refused', async () => {
    const accounts = memoryAccounts()
    const strict = createAccountDirectory(accounts, { onboarding: 'refused' })
    expect(await strict.admit(jane)).toEqual({ outcome: 'refused', reason: 'not_allowed' })
    expect(await accounts.list()).toEqual([])
    await createAccountDirectory(accounts).admit(jane)
    expect(await strict.admit(jane)).toMatchObject({ outcome: 'admitted' })
  })

  it('refuses a disabled account, and stores no news of it', async () => {
    const accounts = memoryAccounts()
    const directory = createAccountDirectory(accounts)
    await directory.admit(jane)
    await accounts.setDisabled(1, true)
    expect(await directory.admit({ ...jane, displayName: 'New' })).toEqual({ outcome: 'refused', reason: 'disabled' })
    expect((await accounts.findById(1))?.displayName).toBeUndefined()
  })

  it('stores a new e-mail address or display name, and writes nothing when there is no news', async () => {
    const accounts = memoryAccounts()
    const writes: unknown[] = []
    const watched: AccountStore = Object.assign(Object.create(accounts), {
      findByLink: accounts.findByLink.bind(accounts),
      onboard: accounts.onboard.bind(accounts),
      updateProfile: async (...args: unknown[]) => writes.push(args),
    })
    const directory = createAccountDirectory(watched)
    const known = { ...jane, email: 'jane@example.org', displayName: 'Jane' }
    await directory.admit(known)
    await directory.admit(known)
    await directory.admit(jane)
    expect(writes).toEqual([])
    await directory.admit({ ...known, email: 'new@example.org' })
    await directory.admit({ ...known, displayName: 'Jane Doe' })
    expect(writes).toHaveLength(2)
  })

  it('maps groups to ids, and grants administration that the backend granted with this login alone', async () => {
    const directory = createAccountDirectory(memoryAccounts())
    const admin = { ...jane, isAdmin: true, groups: [{ key: 'cn=dev' }, { key: 'cn=ops' }] }
    expect(await directory.admit(admin)).toMatchObject({ account: { isAdmin: true, groupIds: [1, 2] } })
    expect(await directory.admit(jane)).toMatchObject({ account: { isAdmin: false, groupIds: [] } })
  })

  it('takes a local issuer from no other mode', async () => {
    const accounts = memoryAccounts()
    await accounts.add({ username: 'admin', isAdmin: true })
    const forged = { ...jane, mode: 'plugin_auth', issuer: LOCAL_MODE, subject: '1' }
    const admission = await createAccountDirectory(accounts).admit(forged)
    expect(admission).toMatchObject({ account: { username: 'jane', isAdmin: false } })
  })
})

describe('admitting people with a local password', () => {
  it('finds them by account id, and never creates them', async () => {
    const accounts = memoryAccounts()
    await accounts.add({ username: 'admin', isAdmin: true, email: 'admin@example.org', displayName: 'Admin' })
    const directory = createAccountDirectory(accounts)
    expect(await directory.admit(local('1'))).toEqual({
      outcome: 'admitted',
      account: {
        id: 1,
        username: 'admin',
        email: 'admin@example.org',
        displayName: 'Admin',
        isAdmin: true,
        groupIds: [],
        mode: LOCAL_MODE,
        version: await accounts.version(1),
      },
    })
    expect(await directory.admit(local('2'))).toEqual({ outcome: 'refused', reason: 'not_allowed' })
  })

  it('refuses an account that is no longer the one that a password was verified against', async () => {
    const accounts = memoryAccounts()
    await accounts.add({ username: 'jane' })
    const directory = createAccountDirectory(accounts)
    const version = await accounts.version(1)
    const verified = { ...local('1'), ...(version !== undefined && { version }) }
    expect(await directory.admit(verified)).toMatchObject({ outcome: 'admitted', account: { version } })
    await accounts.setPassword(1, { hash: 'another', salt: '', scheme: 'sha256' })
    expect(await directory.admit(verified)).toEqual({ outcome: 'refused', reason: 'account_changed' })
    expect(await accounts.list()).toHaveLength(1)
  })

  it('stores no news of them: what they say comes from the same store', async () => {
    const accounts = memoryAccounts()
    await accounts.add({ username: 'admin' })
    await createAccountDirectory(accounts).admit({ ...local('1'), displayName: 'Somebody' })
    expect((await accounts.findById(1))?.displayName).toBeUndefined()
  })

  it.each(['', '0', '01', '1.0', '0x1', '1e0', ' 1', '1 ', '-1', 'admin'])(
    'does not read %j as an account',
    async (subject) => {
      const accounts = memoryAccounts()
      await accounts.add({ username: 'admin' })
      expect(await createAccountDirectory(accounts).admit(local(subject))).toMatchObject({ outcome: 'refused' })
    },
  )
})

it('passes the version of an account on', async () => {
  const accounts = memoryAccounts()
  await accounts.add({ username: 'admin' })
  const directory = createAccountDirectory(accounts)
  expect(await directory.version(1)).toBe(await accounts.version(1))
  expect(await directory.version(2)).toBeUndefined()
})
