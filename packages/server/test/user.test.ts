import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, makeHouse } from './house.ts'

let house: House
beforeAll(async () => {
  house = await makeHouse()
})
afterAll(() => house.remove())

const done = { code: 0, stderr: '' }

describe('people', () => {
  it('are added with a password from standard input, listed, and removed', async () => {
    expect(
      await house.run(['user', 'add', 'bob', '--password-stdin', '--email', 'bob@example.com'], 'a good one\n'),
    ).toMatchObject(done)
    const { stdout } = await house.run(['user', 'list'])
    expect(stdout).toMatch(/bob\s+db_auth\s+bob@example\.com/)
    expect(await house.run(['user', 'remove', 'bob'])).toMatchObject(done)
    expect((await house.run(['user', 'list'])).stdout).not.toContain('bob')
  })

  it('get a generated password, printed once, where none is given', async () => {
    const { stdout } = await house.run(['user', 'add', 'gen'])
    expect(stdout).toMatch(/^password: [A-Za-z0-9]{24}$/m)
    expect((await house.run(['user', 'list', '--json'])).stdout).not.toContain(stdout.match(/password: (.*)/)?.[1])
  })

  it('are disabled, enabled, made administrators and linked', async () => {
    await house.run(['user', 'add', 'cy'])
    await house.run(['user', 'disable', 'cy'])
    await house.run(['user', 'admin', 'cy'])
    expect((await house.run(['user', 'list'])).stdout).toMatch(/cy\s+db_auth\s+yes\s+disabled/)
    await house.run(['user', 'enable', 'cy'])
    await house.run(['user', 'admin', 'cy', '--revoke'])
    expect((await house.run(['user', 'list'])).stdout).toMatch(/cy\s+db_auth$/m)
    await house.configure('auth: { modes: [db_auth, ldap_auth] }')
    expect(await house.run(['user', 'link', 'cy', 'ldap_auth', 'ldap.example.com', 'uuid-1'])).toMatchObject(done)
    await house.configure('')
  })

  it.each([
    ['', 'ldap_auth', 'there is none'],
    ['auth: { modes: [ldap_auth, ldap_auth/emea, db_auth] }', 'ldap', 'there are: ldap_auth, ldap_auth/emea'],
    ['auth: { modes: [ldap_auth] }', 'db_auth', 'there are: ldap_auth'],
  ])('are linked to modes that are configured: %s', async (yaml, mode, others) => {
    await house.configure(yaml)
    const { code, stderr } = await house.run(['user', 'link', 'admin', mode, 'ldap.example.com', 'uuid-9'])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `lockkeeper: ${mode} is no auth mode here that can be linked to; ${others}\n`,
    })
    await house.configure('')
  })

  it('PWD-07: do not get a sample password, nor a short one', async () => {
    for (const bad of ['Harbor12345', 'short', 'changeme']) {
      const { code, stderr } = await house.run(['user', 'add', 'weak', '--password-stdin'], bad)
      expect(code).toBe(2)
      expect(stderr).toContain('choose another password')
      expect(stderr).not.toContain(bad)
    }
  })

  it.each(['', '\n', '\r\n'])('are not added without a password on standard input: %j', async (input) => {
    expect(await house.run(['user', 'add', 'none', '--password-stdin'], input)).toMatchObject({
      code: 2,
      stderr: 'lockkeeper: standard input has no password: type or pipe one in\n',
    })
  })

  it('have one name each, in whatever case it is written', async () => {
    await house.run(['user', 'add', 'twin'])
    const { code, stderr } = await house.run(['user', 'add', 'TWIN'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/taken|already/)
  })

  it('are named when they are not there', async () => {
    const { code, stderr } = await house.run(['user', 'passwd', 'nobody'])
    expect(code).toBe(1)
    expect(stderr).toContain('there is no user "nobody"; see: lockkeeper user list')
  })

  it('are told what an issuer and a subject are', async () => {
    expect((await house.run(['user', 'link', '--help'])).stdout).toContain('the claims iss and sub')
  })

  it('keep the first administrator', async () => {
    expect(await house.run(['user', 'remove', 'admin'])).toMatchObject({ code: 2 })
  })
})
