import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { closeModes, makeModes } from '../src/modes.ts'
import { findPlace, withStores } from '../src/stores.ts'
import { type House, makeHouse } from './house.ts'

let house: House
beforeEach(async () => {
  house = await makeHouse()
})
afterEach(() => house.remove())

const PLUGIN = `
export const authMode = ({ people = [] }) => ({
  mode: 'list_auth',
  async lookUp({ typed }) {
    return { ...(people.includes(typed) && { account: typed }), verify: async () => ({ outcome: 'abstained' }) }
  },
  async ping() { if (people.length === 0) throw new Error('nobody is listed') },
})`

const check = () => house.run(['check-config'])

describe('auth.plugins', () => {
  it('loads an auth mode from beside the configuration, with the section of its name', async () => {
    await writeFile(join(house.folder, 'list-auth.mjs'), PLUGIN)
    await house.configure(
      'auth: { plugins: [./list-auth.mjs], modes: [db_auth, list_auth], list_auth: { people: [ann] } }',
    )
    expect(await check()).toMatchObject({ code: 0, stdout: expect.stringContaining('ok    list_auth') })
  })

  it('does not claim to have asked a mode that has no ping', async () => {
    await writeFile(join(house.folder, 'list-auth.mjs'), PLUGIN.replace('async ping()', 'async other()'))
    await house.configure('auth: { plugins: [./list-auth.mjs], modes: [list_auth] }')
    expect((await check()).stdout).toMatch(/^ok {4}list_auth \(made; it has no ping to be asked with\)$/m)
  })

  it('closes what a plugin made that nobody asked it for', async () => {
    const closed = '[Symbol.asyncDispose]: async () => console.log("closed"),'
    await writeFile(join(house.folder, 'list-auth.mjs'), PLUGIN.replace('async ping()', `${closed} async other()`))
    await house.configure('auth: { plugins: [./list-auth.mjs], modes: [other_auth, list_auth] }')
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    await check()
    // The one that was made for other_auth, and the one that was wanted.
    expect(log.mock.calls).toEqual([['closed'], ['closed']])
    log.mockRestore()
  })

  it('says what the mode says when it cannot work', async () => {
    await writeFile(join(house.folder, 'list-auth.mjs'), PLUGIN)
    await house.configure('auth: { plugins: [./list-auth.mjs], modes: [list_auth] }')
    expect(await check()).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('FAIL  list_auth: nobody is listed'),
    })
  })

  it.each([
    ['a module that is not there', '{ plugins: [./none.mjs], modes: [list_auth] }', 'auth.plugins: ./none.mjs'],
    ['a module without authMode', '{ plugins: [./empty.mjs], modes: [list_auth] }', 'must export authMode'],
    ['a mode that nobody asks for', '{ plugins: [./list-auth.mjs] }', 'name its mode in auth.modes'],
    ['a mode that nothing makes', '{ modes: [db_auth, other_auth] }', 'names other_auth'],
    ['a section that belongs to no mode', '{ other_auth: { url: x } }', 'auth.other_auth belongs to no mode'],
    ['a mode that is named twice', '{ modes: [db_auth, db_auth] }', 'twice'],
  ])('refuses %s', async (_title, auth, says) => {
    await writeFile(join(house.folder, 'list-auth.mjs'), PLUGIN)
    await writeFile(join(house.folder, 'empty.mjs'), 'export {}')
    await house.configure(`auth: ${auth}`)
    expect(await check()).toMatchObject({ code: 1, stdout: expect.stringContaining(says) })
  })

  it('says nothing of what follows from a mode that could not be made', async () => {
    await house.configure('auth: { modes: [db_auth, uaa_auth] }')
    const { stdout } = await check()
    expect(stdout.split('\n').filter((line) => line.startsWith('FAIL'))).toEqual([
      'FAIL  auth modes: auth.uaa_auth.url must be a non-empty string',
      'FAIL  auth modes: auth.uaa_auth.clientId must be a non-empty string',
      'FAIL  auth modes: auth.uaa_auth.clientSecret must be a non-empty string',
    ])
  })

  it.each(['[]', '[a]', 'yes', '7'])('OPS-04: refuses a section that is %s', async (section) => {
    await house.configure(`auth: { modes: [db_auth, uaa_auth], uaa_auth: ${section} }`)
    expect((await check()).stdout).toContain('FAIL  auth modes: auth.uaa_auth must be a section of options')
  })

  it('takes an empty section for none', async () => {
    await house.configure('auth:\n  modes: [db_auth, http_auth]\n  http_auth:\n')
    expect((await check()).stdout).toContain('auth.http_auth.tokenReview must be set, or trustedHeaders')
  })

  it('PWD-01: refuses hashing that is too weak', async () => {
    await house.configure('auth: { db_auth: { hashing: { memoryKib: 1024 } } }')
    expect(await house.run(['serve'])).toMatchObject({ code: 2, stderr: expect.stringContaining('hashing.memoryKib') })
  })
})

describe('keys of a section', () => {
  const LDAP = 'url: ldaps://ldap.example.com, baseDn: dc=example'
  const failures = async (auth: string) => {
    await house.configure(`auth: ${auth}`)
    const { stdout, stderr } = await check()
    return `${stdout}${stderr}`.split('\n').filter((line) => /^(FAIL| {2})/.test(line))
  }

  it.each([
    ['{ db_auth: { upgradeOnlogin: true } }', 'upgradeOnLogin'],
    [
      '{ modes: [oidc_auth], oidc_auth: { issuer: https://a.example, clientId: a, harborkeyfile: k } }',
      'harborKeyFile',
    ],
  ])('are named as a file has them, those of the server too: %s', async (auth, key) => {
    expect(await failures(auth)).toEqual([expect.stringMatching(new RegExp(`has no \\w+; there are .*, ${key}$`))])
  })

  it('are not named where only programs have them', async () => {
    const [said] = await failures(`{ modes: [ldap_auth], ldap_auth: { ${LDAP}, onevent: log } }`)
    expect(said).toContain('has no onevent; there are url, ')
    expect(said).not.toMatch(/onEvent|instance/)
  })

  it('OPS-04: are refused where they would do nothing, beside all other problems', async () => {
    const section = `{ ${LDAP}, instance: emea, onEvent: log, scope: all }`
    expect(await failures(`{ modes: [ldap_auth, ldap_auth/emea], ldap_auth/emea: ${section} }`)).toEqual([
      expect.stringContaining('auth.ldap_auth.url must'),
      expect.stringContaining('auth.ldap_auth.baseDn must'),
      'FAIL  auth modes: auth.ldap_auth/emea.instance stands after the slash in the name of a mode: write it there, as in ldap_auth/emea',
      'FAIL  auth modes: auth.ldap_auth/emea.onEvent is for programs; the server logs what it would be told',
      expect.stringContaining('auth.ldap_auth/emea.scope '),
    ])
  })
})

describe('two instances of a mode', () => {
  it('are told apart in the log', async () => {
    const section = (port: number) =>
      `{ url: 'ldap://127.0.0.1:${port}', baseDn: 'dc=example,dc=com', insecureAllowPlaintext: true }`
    const config = await house.configure(
      `auth: { modes: [db_auth, ldap_auth, ldap_auth/emea], ldap_auth: ${section(1)}, ldap_auth/emea: ${section(2)} }`,
    )
    const told: string[] = []
    const options = { config, data: join(house.folder, 'data') }
    await withStores(options, async (stores) => {
      await closeModes(await makeModes(await findPlace(options), { stores, warn: (message) => told.push(message) }))
    })
    const insecure = 'insecureAllowPlaintext: passwords go to the directory in clear'
    expect(told).toEqual([`ldap_auth: ${insecure}`, `ldap_auth/emea: ${insecure}`])
  })
})

describe('a section in Harbor’s words', () => {
  const HARBORS = 'uaa_endpoint: 127.0.0.1:1, uaa_client_id: registry, uaa_client_secret: secret'
  const checkUaa = async (section: string) => {
    await house.configure(`auth: { modes: [db_auth, uaa_auth], uaa_auth: { ${section} } }`)
    return (await check()).stdout
  }

  it('is read as Harbor reads it', async () => {
    expect(await checkUaa(HARBORS)).toContain('FAIL  uaa_auth: 127.0.0.1:1 refuses connections')
  })

  it('may have ours beside them, which go before', async () => {
    expect(await checkUaa(`${HARBORS}, groups: [team.*], url: 'https://127.0.0.2:1'`)).toContain(
      'FAIL  uaa_auth: 127.0.0.2:1 refuses connections',
    )
  })

  it('OPS-04: loses nothing in silence', async () => {
    expect(await checkUaa(`${HARBORS}, adminscope: registry.admin`)).toMatch(/auth\.uaa_auth .*adminscope/)
    expect(
      await checkUaa('url: https://uaa.example.com, clientId: a, clientSecret: b, uaa_verify_cert: false'),
    ).toContain('auth.uaa_auth.uaa_endpoint must not be empty')
  })
})
