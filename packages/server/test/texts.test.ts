import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { problemsOf } from '../../../test/outcomes.ts'
import { readTexts } from '../src/config/texts.ts'
import { type House, makeHouse } from './house.ts'

let house: House
beforeEach(async () => {
  house = await makeHouse()
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await house.remove()
})

const read = (section: unknown) => readTexts('uaa_auth', section, house.folder)

const problemsIn = (section: unknown) => problemsOf(() => read(section))

describe('texts that stand elsewhere', () => {
  it('are read from files beside the configuration, and from the environment, however deep', async () => {
    await mkdir(join(house.folder, 'secrets'))
    await writeFile(join(house.folder, 'secrets', 'client'), 'of the client\n')
    vi.stubEnv('TEXTS_KEY', 'of the environment')
    const client = { file: 'secrets/client' }
    const absolute = { file: join(house.folder, 'secrets', 'client') }
    expect(read({ clientSecret: client, tls: { ca: absolute, keys: [{ env: 'TEXTS_KEY' }] } })).toEqual({
      clientSecret: 'of the client',
      tls: { ca: 'of the client', keys: ['of the environment'] },
    })
  })

  it.each([
    ['secret\r\n', 'secret'],
    [' two\nlines \n\n', ' two\nlines \n'],
  ])('lose the line end that an editor adds: %j', async (content, text) => {
    await writeFile(join(house.folder, 'text'), content)
    expect(read({ a: { file: 'text' } })).toEqual({ a: text })
  })

  it('are nothing else, and never a whole section', () => {
    for (const section of [
      { file: './people.htpasswd' },
      { a: { file: 'x', env: 'HOME' }, b: { file: 7 }, c: { files: 'x' }, d: {}, e: null, f: [[], 1, 'file'] },
      undefined,
      'text',
    ]) {
      expect(read(section)).toEqual(section)
    }
  })

  it('leave the section as it was', () => {
    vi.stubEnv('TEXTS_KEY', 'secret')
    const section = { tls: { key: { env: 'TEXTS_KEY' } } }
    read(section)
    expect(section).toEqual({ tls: { key: { env: 'TEXTS_KEY' } } })
  })

  it('OPS-04: are refused together when they cannot be read, by where they are needed', async () => {
    await writeFile(join(house.folder, 'empty'), '\n')
    const section = {
      clientSecret: { file: 'none' },
      tls: { ca: { file: '.' }, key: { env: 'TEXTS_UNSET' } },
      people: [{ password: { file: 'empty' } }],
    }
    expect(problemsIn(section)).toEqual([
      `clientSecret names ${join(house.folder, 'none')}, which cannot be read (ENOENT)`,
      `tls.ca names ${house.folder}, which cannot be read (EISDIR)`,
      'tls.key names TEXTS_UNSET, which is not set',
      `people[0].password names ${join(house.folder, 'empty')}, which is empty`,
    ])
  })

  it('JSX-01: reach no prototype', () => {
    const section = JSON.parse('{"a":{"__proto__":{"file":"x"}},"__proto__":{"b":1}}')
    expect(JSON.stringify(readTexts('uaa_auth', JSON.parse('{"__proto__":{"b":1}}'), '.'))).toBe(
      '{"__proto__":{"b":1}}',
    )
    expect(problemsIn(section)).toHaveLength(1)
    expect(({} as Record<string, unknown>).b).toBeUndefined()
  })
})

describe('secrets of a configuration', () => {
  it('are those of auth modes, plugins among them', async () => {
    await writeFile(join(house.folder, 'secret'), 'from a file\n')
    vi.stubEnv('TEXTS_KEY', 'from the environment')
    const plugin = `export const authMode = ({ secrets }) => ({
      mode: 'list_auth',
      lookUp: async () => ({ verify: async () => ({ outcome: 'abstained' }) }),
      async ping() { throw new Error(secrets.join(', ')) },
    })`
    await writeFile(join(house.folder, 'list-auth.mjs'), plugin)
    const section = '{ secrets: [{ file: secret }, { env: TEXTS_KEY }] }'
    await house.configure(`auth: { plugins: [./list-auth.mjs], modes: [list_auth], list_auth: ${section} }`)
    const { stdout } = await house.run(['check-config'])
    expect(stdout).toContain('FAIL  list_auth: from a file, from the environment')
  })

  it('are named with their path when they cannot be read', async () => {
    const uaa = '{ url: https://uaa.example.com, clientId: registry, clientSecret: { env: TEXTS_UNSET } }'
    await house.configure(`auth: { modes: [db_auth, uaa_auth], uaa_auth: ${uaa} }`)
    const { code, stdout } = await house.run(['check-config'])
    expect(code).toBe(1)
    expect(stdout).toContain('FAIL  auth modes: auth.uaa_auth.clientSecret names TEXTS_UNSET, which is not set')
  })

  it('are the URL of Redis, with its password', async () => {
    await house.configure('lockout: { store: redis, redis: { url: { env: TEXTS_UNSET } } }')
    const failure = async () => (await house.run(['check-config'])).stdout
    expect(await failure()).toContain('FAIL  lockout: redis.url names TEXTS_UNSET, which is not set')
    vi.stubEnv('TEXTS_UNSET', 'http://:c4nary@127.0.0.1:1')
    expect(await failure()).toContain('FAIL  lockout: redis.url must look like redis://host:6379')
    vi.stubEnv('TEXTS_UNSET', 'redis://:c4nary@127.0.0.1:1')
    expect(await failure()).toContain('FAIL  lockout: Redis at 127.0.0.1:1 cannot be reached')
    expect(await failure()).not.toContain('c4nary')
  })

  it('are not asked for by commands that do without them', async () => {
    const uaa = '{ url: https://uaa.example.com, clientId: registry, clientSecret: { env: TEXTS_UNSET } }'
    await house.configure(`auth: { modes: [db_auth, uaa_auth], uaa_auth: ${uaa} }`)
    expect(await house.run(['user', 'list'])).toMatchObject({ code: 0 })
  })

  it('are the password of a database as well', async () => {
    const connection = '{ host: 127.0.0.1, port: 1, user: u, database: d, password: { env: TEXTS_UNSET } }'
    await house.configure(`database: { client: pg, connection: ${connection} }`)
    expect(await house.run(['user', 'list'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('connection.password names TEXTS_UNSET, which is not set'),
    })
    vi.stubEnv('TEXTS_UNSET', 'set')
    expect(await house.run(['user', 'list'])).toMatchObject({ code: 3 })
  })
})
