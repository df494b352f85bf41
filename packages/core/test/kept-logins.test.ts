import { fakeAuthenticator } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import {
  type Authenticator,
  abstained,
  authenticated,
  createAccountDirectory,
  LOCAL_MODE,
  type Lockout,
  memoryAccounts,
  rejected,
} from '../src/index.ts'
import { house } from './login-house.ts'

/** A lockout that keeps every success, and uses it for as long as the login says that it is still true. */
function keepingLockout(): Lockout & { readonly verifications: number } {
  const kept = new Map<string, unknown>()
  let verifications = 0
  return {
    get verifications() {
      return verifications
    },
    heldUntil: (arrivedAt) => arrivedAt,
    async guard<R extends { readonly outcome: string }>(
      { name, secret }: { readonly name: string; readonly secret: string },
      verify: (reserve: () => Promise<boolean>) => Promise<R>,
      { stillTrue }: { stillTrue?(kept: R): Promise<boolean> } = {},
    ) {
      const key = `${name} ${secret}`
      // What is kept under a key was returned by the same verification.
      const known = kept.get(key) as R | undefined
      if (known !== undefined && (await stillTrue?.(known))) return { result: known, answerAt: 0 }
      verifications += 1
      const result = await verify(async () => true)
      if (result.outcome === 'authenticated') kept.set(key, result)
      return { result, answerAt: 0 }
    },
  }
}

const stored = (password: string) => ({ hash: password, salt: '', scheme: 'plain' })

/** `db_auth` without its hashing. `changing` runs between a verification and the admission. */
function localPasswords(accounts: ReturnType<typeof memoryAccounts>, changing = async () => {}): Authenticator {
  return {
    mode: LOCAL_MODE,
    async lookUp(name) {
      const row = await accounts.find(name)
      if (row === undefined || row.isExternal) return { verify: async () => abstained }
      const { id, username, version = '' } = row.account
      return {
        account: String(id),
        async verify(password) {
          if (row.stored.hash !== password) return rejected('bad_credentials')
          await changing()
          const identity = { mode: LOCAL_MODE, issuer: LOCAL_MODE, subject: String(id), username, version, groups: [] }
          return authenticated(identity)
        },
      }
    },
  }
}

async function localHouse(changing?: (accounts: ReturnType<typeof memoryAccounts>) => Promise<void>) {
  const accounts = memoryAccounts()
  const { id } = await accounts.add({ username: 'jane', password: stored('right') })
  const lockout = keepingLockout()
  const mode = localPasswords(accounts, async () => changing?.(accounts))
  return { ...house([mode], { lockout, accounts: createAccountDirectory(accounts) }), accounts, lockout, id }
}

describe('a login that was verified', () => {
  it('LCK-04: is used again while nobody changed its account', async () => {
    const { outcome, attempt, lockout } = await localHouse()
    for (let pull = 0; pull < 10; pull += 1) expect(await outcome('jane', 'right')).toBe('in by db_auth')
    expect(lockout.verifications).toBe(1)
    expect((await attempt('jane', 'right')).steps).toEqual([{ name: 'accounts', outcome: 'unchanged' }])
  })

  it.each([
    ['password', 'bad_credentials', (house: Local) => house.accounts.setPassword(house.id, stored('new'))],
    ['disabled flag', 'disabled', (house: Local) => house.accounts.setDisabled(house.id, true)],
    ['existence', 'unknown_name', (house: Local) => house.accounts.remove(house.id)],
    ['administration', 'in by db_auth', (house: Local) => house.accounts.setAdmin(house.id, true)],
  ])('LCK-04: is verified anew once its %s was changed', async (_what, then, change) => {
    const changed = await localHouse()
    await changed.outcome('jane', 'right')
    await change(changed)
    expect(await changed.outcome('jane', 'right')).toBe(then)
    expect(changed.lockout.verifications).toBe(2)
  })

  it('has the rights that were taken or given since', async () => {
    const { accounts, attempt, id } = await localHouse()
    expect(await attempt('jane', 'right')).toMatchObject({ account: { isAdmin: false } })
    await accounts.setAdmin(id, true)
    expect(await attempt('jane', 'right')).toMatchObject({ account: { isAdmin: true } })
  })

  it('of a directory is used again until the local account changes', async () => {
    const accounts = memoryAccounts()
    const lockout = keepingLockout()
    const ldap = fakeAuthenticator({ mode: 'ldap_auth', people: { john: 'right' } })
    const { outcome } = house([ldap], { lockout, accounts: createAccountDirectory(accounts) })
    for (let pull = 0; pull < 5; pull += 1) expect(await outcome('john', 'right')).toBe('in by ldap_auth')
    expect(lockout.verifications).toBe(1)
    await accounts.setDisabled(1, true)
    expect(await outcome('john', 'right')).toBe('disabled')
  })

  it('is not used where the accounts have no versions', async () => {
    const accounts = memoryAccounts()
    const directory = createAccountDirectory(accounts)
    const lockout = keepingLockout()
    const { outcome } = house([fakeAuthenticator({ mode: 'ldap_auth', people: { john: 'right' } })], {
      lockout,
      accounts: {
        version: async () => undefined,
        async admit(identity) {
          const admission = await directory.admit(identity)
          if (admission.outcome !== 'admitted') return admission
          const { version: _, ...account } = admission.account
          return { ...admission, account }
        },
      },
    })
    await outcome('john', 'right')
    await outcome('john', 'right')
    expect(lockout.verifications).toBe(2)
  })

  it('is no yes when nobody can tell whether its account changed', async () => {
    const accounts = memoryAccounts()
    await accounts.add({ username: 'jane', password: stored('right') })
    const directory = createAccountDirectory(accounts)
    let isDown = false
    const { outcome } = house([localPasswords(accounts)], {
      lockout: keepingLockout(),
      accounts: {
        admit: directory.admit,
        version: async (id) => (isDown ? Promise.reject(new Error('connection lost')) : directory.version(id)),
      },
    })
    expect(await outcome('jane', 'right')).toBe('in by db_auth')
    isDown = true
    expect(await outcome('jane', 'right')).toBe('ERR_BACKEND_UNAVAILABLE')
  })
})

type Local = Awaited<ReturnType<typeof localHouse>>

describe('an account that is changed while its password is verified', () => {
  it('is verified once more: the old password does not get in', async () => {
    const { outcome } = await localHouse((accounts) => accounts.setPassword(1, stored('new')))
    expect(await outcome('jane', 'right')).toBe('bad_credentials')
  })

  it('is verified once more: a password that is right still does', async () => {
    let changes = 0
    const { outcome, attempt } = await localHouse(async (accounts) => {
      changes += 1
      if (changes === 1) await accounts.setAdmin(1, true)
    })
    expect(await outcome('jane', 'right')).toBe('in by db_auth')
    expect(changes).toBe(2)
    expect(await attempt('jane', 'right')).toMatchObject({ account: { isAdmin: true } })
  })

  it('is refused when its name means another account by then, for which nothing was reserved', async () => {
    let changes = 0
    const { outcome } = await localHouse(async (accounts) => {
      changes += 1
      await accounts.setAdmin(1, true)
      const { find } = accounts
      // The next look-up finds somebody else under the name.
      accounts.find = async (name) => {
        const row = await find.call(accounts, name)
        return row && { ...row, account: { ...row.account, id: 2 } }
      }
    })
    expect(await outcome('jane', 'right')).toBe('account_changed')
    expect(changes).toBe(1)
  })

  it('is refused when it changes again and again', async () => {
    let isAdmin = false
    const { outcome } = await localHouse((accounts) => {
      isAdmin = !isAdmin
      return accounts.setAdmin(1, isAdmin)
    })
    expect(await outcome('jane', 'right')).toBe('account_changed')
  })
})
