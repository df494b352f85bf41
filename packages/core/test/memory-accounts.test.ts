import { describe, expect, it } from 'vitest'
import { canonicalName, type Identity, memoryAccounts, type StoredPassword } from '../src/index.ts'

const hashed: StoredPassword = { hash: '$argon2id$1', salt: '', scheme: 'argon2id' }
const named = (typed: string) => ({ typed, canonical: canonicalName(typed) ?? typed })
const jane: Identity = {
  mode: 'ldap_auth',
  issuer: 'ldaps://ldap.test',
  subject: 'uuid-1',
  username: 'Jane',
  email: 'jane@example.org',
  displayName: 'Jane Doe',
  groups: [],
}
const john: Identity = { ...jane, subject: 'uuid-2', username: 'john', email: 'john@example.org' }

describe('accounts by name, id and link', () => {
  it('finds a person by id and by any spelling of the name, and shows the stored one', async () => {
    const accounts = memoryAccounts()
    const { id } = await accounts.add({ username: 'Jane', displayName: 'Jane Doe' })
    expect(await accounts.findById(id)).toEqual({
      id,
      username: 'Jane',
      displayName: 'Jane Doe',
      isAdmin: false,
      disabled: false,
      mode: 'db_auth',
      version: await accounts.version(id),
    })
    expect((await accounts.findByName(named('JANE')))?.username).toBe('Jane')
    expect(await accounts.findByName(named('janet'))).toBeUndefined()
    expect(await accounts.findById(id + 1)).toBeUndefined()
  })

  it.each(['Jane', 'JANE', 'ｊａｎｅ'])('refuses to add %j beside jane', async (username) => {
    const accounts = memoryAccounts()
    await accounts.add({ username: 'jane' })
    await expect(accounts.add({ username })).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
  })

  it('refuses a second holder of an e-mail address in another spelling', async () => {
    const accounts = memoryAccounts()
    await accounts.add({ username: 'jane', email: 'jane@example.org' })
    const again = accounts.add({ username: 'john', email: 'Jane@Example.org' })
    await expect(again).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
    expect(await accounts.findByName(named('john'))).toBeUndefined()
  })

  it('refuses a name that could never be typed at a login', async () => {
    await expect(memoryAccounts().add({ username: ' jane' })).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })

  it('frees the name, the address and the links of a removed person, and never gives the id again', async () => {
    const accounts = memoryAccounts()
    const first = await accounts.onboard(jane)
    await accounts.remove(first!.id)
    expect(await accounts.findById(first!.id)).toBeUndefined()
    expect(await accounts.findByLink(jane)).toBeUndefined()
    expect(await accounts.version(first!.id)).toBeUndefined()
    const second = await accounts.add({ username: 'jane', email: 'jane@example.org' })
    expect(second.id).toBeGreaterThan(first!.id)
    await accounts.link(second.id, jane)
    expect(await accounts.findByLink(jane)).toEqual(second)
  })

  it('pages through the people by id', async () => {
    const accounts = memoryAccounts()
    for (const username of ['a', 'b', 'c', 'd']) await accounts.add({ username })
    const names = (await accounts.list({ after: 1, limit: 2 })).map(({ username }) => username)
    expect(names).toEqual(['b', 'c'])
    expect(await accounts.list()).toHaveLength(4)
  })

  it.each([
    ['setAdmin', (id: number) => memoryAccounts().setAdmin(id, true)],
    ['setDisabled', (id: number) => memoryAccounts().setDisabled(id, true)],
    ['setPassword', (id: number) => memoryAccounts().setPassword(id, hashed)],
    ['remove', (id: number) => memoryAccounts().remove(id)],
    ['link', (id: number) => memoryAccounts().link(id, jane)],
    ['updateProfile', (id: number) => memoryAccounts().updateProfile(id, {})],
  ])('%s says that an account is not there', async (_method, call) => {
    await expect(call(7)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })
})

describe('on-boarding and links', () => {
  it('creates one account however many logins of one person race', async () => {
    const accounts = memoryAccounts()
    const records = await Promise.all(Array.from({ length: 8 }, () => accounts.onboard(jane)))
    expect(new Set(records.map((record) => record?.id)).size).toBe(1)
    expect(await accounts.list()).toHaveLength(1)
    expect(await accounts.findByLink(jane)).toEqual(records[0])
  })

  it('gives a name that is taken to nobody else, whatever the spelling', async () => {
    const accounts = memoryAccounts()
    await accounts.add({ username: 'JANE' })
    expect(await accounts.onboard(jane)).toBeUndefined()
    expect(await accounts.findByLink(jane)).toBeUndefined()
  })

  it('keeps issuer and subject apart: no concatenation of the two collides', async () => {
    const accounts = memoryAccounts()
    await accounts.onboard({ ...jane, issuer: 'a', subject: 'bc' })
    expect(await accounts.findByLink({ mode: 'ldap_auth', issuer: 'ab', subject: 'c' })).toBeUndefined()
  })

  it('leaves out an e-mail address that is taken, at on-boarding and at a later login', async () => {
    const accounts = memoryAccounts()
    await accounts.onboard(john)
    const record = await accounts.onboard({ ...jane, email: 'JOHN@example.org' })
    expect(record?.email).toBeUndefined()
    await accounts.updateProfile(record!.id, { email: 'john@example.org', displayName: 'J.' })
    expect(await accounts.findById(record!.id)).toMatchObject({ displayName: 'J.' })
    expect((await accounts.findById(record!.id))?.email).toBeUndefined()
  })

  it('moves a changed e-mail address, so that the old one is free', async () => {
    const accounts = memoryAccounts()
    const record = await accounts.onboard(jane)
    await accounts.updateProfile(record!.id, { email: 'jane.doe@example.org' })
    expect((await accounts.find(named('jane.doe@example.org')))?.account.username).toBe('Jane')
    expect(await accounts.find(named('jane@example.org'))).toBeUndefined()
  })

  it('takes a new spelling of the address that the person has', async () => {
    const accounts = memoryAccounts()
    const record = await accounts.onboard(jane)
    await accounts.updateProfile(record!.id, { email: 'Jane@Example.org' })
    expect((await accounts.findById(record!.id))?.email).toBe('Jane@Example.org')
    expect((await accounts.find(named('jane@example.org')))?.account.id).toBe(record!.id)
  })

  it('links a person to one account only', async () => {
    const accounts = memoryAccounts()
    const first = await accounts.add({ username: 'first' })
    const second = await accounts.add({ username: 'second' })
    await accounts.link(first.id, jane)
    await accounts.link(first.id, jane)
    await expect(accounts.link(second.id, jane)).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
    expect((await accounts.findByLink(jane))?.id).toBe(first.id)
  })

  it('numbers groups by mode and key', async () => {
    const accounts = memoryAccounts()
    const [dev, ops] = await accounts.groupIds('ldap_auth', [{ key: 'dev' }, { key: 'ops' }])
    expect(dev).not.toBe(ops)
    expect(await accounts.groupIds('ldap_auth', [{ key: 'ops', name: 'Operations' }])).toEqual([ops])
    expect(await accounts.groupIds('uaa_auth', [{ key: 'dev' }])).not.toEqual([dev])
  })
})

describe('password rows', () => {
  it('prefers a user name to an e-mail address of the same spelling', async () => {
    const accounts = memoryAccounts()
    const byName = await accounts.add({ username: 'jane@example.org' })
    await accounts.add({ username: 'jane', email: 'jane@example.org' })
    expect((await accounts.find(named('JANE@example.org')))?.account.id).toBe(byName.id)
    await accounts.remove(byName.id)
    expect((await accounts.find(named('JANE@example.org')))?.account.username).toBe('jane')
  })

  it('marks rows of people from elsewhere, and holds no hash for them', async () => {
    const accounts = memoryAccounts()
    await accounts.onboard(jane)
    expect(await accounts.find(named('jane'))).toMatchObject({ isExternal: true, stored: { hash: '' } })
  })

  it('replaces only the password that was expected', async () => {
    const accounts = memoryAccounts()
    const { id } = await accounts.add({ username: 'jane', password: hashed })
    const next = { ...hashed, hash: '$argon2id$2' }
    expect(await accounts.replace(id, { ...hashed, salt: 'x' }, next)).toBe(false)
    expect(await accounts.replace(id, hashed, next)).toBe(true)
    expect(await accounts.replace(id, hashed, next)).toBe(false)
    expect(await accounts.replace(id + 1, next, hashed)).toBe(false)
    expect((await accounts.find(named('jane')))?.stored).toEqual(next)
  })

  it('names the schemes of the rows that have a password', async () => {
    const accounts = memoryAccounts()
    await accounts.add({ username: 'nobody' })
    await accounts.add({ username: 'new', password: hashed })
    const dear = { ...hashed, hash: '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$dGFn' }
    await accounts.add({ username: 'dear', password: dear })
    await accounts.add({ username: 'old', password: { hash: 'ab', salt: 'cd', scheme: 'sha1' } })
    await accounts.add({ username: 'odd', password: { hash: 'ab', salt: 'cd', scheme: '' } })
    expect(await accounts.schemes()).toEqual(['argon2id', '$argon2id$v=19$m=65536,t=3,p=4', 'sha1', ''])
  })
})

it('changes the version with password and flags, and with nothing else', async () => {
  const accounts = memoryAccounts()
  const { id } = await accounts.add({ username: 'jane', password: hashed })
  const seen = new Set([await accounts.version(id)])
  await accounts.updateProfile(id, { displayName: 'Jane' })
  seen.add(await accounts.version(id))
  expect(seen.size).toBe(1)
  await accounts.setPassword(id, { ...hashed, hash: '$argon2id$2' })
  seen.add(await accounts.version(id))
  await accounts.setDisabled(id, true)
  seen.add(await accounts.version(id))
  await accounts.setAdmin(id, true)
  seen.add(await accounts.version(id))
  expect(seen.size).toBe(4)
})

describe('bounds', () => {
  it('refuses accounts, links and groups beyond its bounds, and says which option to raise', async () => {
    const accounts = memoryAccounts({ maxAccounts: 1, maxGroups: 1 })
    const record = await accounts.onboard(jane)
    const full = { code: 'ERR_BACKEND_UNAVAILABLE', message: expect.stringContaining('raise maxAccounts') }
    await expect(accounts.onboard(john)).rejects.toMatchObject(full)
    await expect(accounts.add({ username: 'x' })).rejects.toMatchObject(full)
    await expect(accounts.link(record!.id, john)).rejects.toMatchObject(full)
    await expect(accounts.groupIds('ldap_auth', [{ key: 'a' }, { key: 'b' }])).rejects.toThrow('raise maxGroups')
    expect(await accounts.onboard(jane)).toEqual(record)
  })
})
