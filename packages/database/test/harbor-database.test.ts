import { readFile } from 'node:fs/promises'
import type { Identity } from '@lockkeeper/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../test/servers/postgres.ts'
import { requires } from '../../../test/servers/requirements.ts'
import { type Database, openDatabase, type SqlAccounts, sqlAccounts, sqlProjects } from '../src/index.ts'
import { login } from './on-every-database.ts'
import { named } from './people.ts'

const need = requires('postgres')

const lena: Identity = { mode: 'ldap_auth', issuer: 'ldap://d', subject: 'uuid-1', username: 'lena', groups: [] }
const olaf: Identity = {
  mode: 'oidc_auth',
  issuer: 'https://op.example.com',
  subject: 'olafs-subject',
  username: 'olaf-renamed',
  groups: [],
}

/** All columns, indexes, triggers and rows of what Harbor made. */
const EVERYTHING_OF_HARBORS = `
select table_name, column_name, data_type, character_maximum_length, column_default, is_nullable
  from information_schema.columns where table_schema = 'public' and table_name not like 'lockkeeper%' order by 1, 2;
select tablename, indexdef from pg_indexes where schemaname = 'public' and tablename not like 'lockkeeper%' order by 1, 2;
select event_object_table, trigger_name, action_statement from information_schema.triggers order by 1, 2;
select * from harbor_user order by 1; select * from oidc_user order by 1; select * from user_group order by 1;
select * from project order by 1; select * from project_metadata order by 1; select * from project_member order by 1;
select * from role order by 1; select * from properties order by 1; select * from schema_migrations;
`

describe.skipIf(need.skip)(`a database that Harbor made${need.note}`, () => {
  let server: PostgresServer
  let name: string
  let db: Database
  let accounts: SqlAccounts
  const everything = () => server.sql(name, EVERYTHING_OF_HARBORS)

  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())
  beforeEach(async () => {
    name = (await server.createDatabase()).name
    await server.sql(name, await readFile(new URL('harbor-schema.sql', import.meta.url), 'utf8'))
    db = openDatabase({ client: 'pg', connection: login(server.port, name) })
    accounts = sqlAccounts(db)
    return () => db.close()
  })

  it('is recognised, before and after our own tables stand beside Harbor’s', async () => {
    expect(await db.isHarbors()).toBe(true)
    expect(await db.migrate()).toEqual(['0003-accounts-and-groups', '0005-lockout', '0006-sessions-and-secrets'])
    expect(await db.migrate()).toEqual([])
    const later = openDatabase({ client: 'pg', connection: login(server.port, name) })
    expect(await later.isHarbors()).toBe(true)
    await later.close()
  })

  it('is refused when the options say that the tables are ours', async () => {
    const mistaken = openDatabase({ client: 'pg', connection: login(server.port, name), owner: 'lockkeeper' })
    await expect(mistaken.migrate()).rejects.toThrow('owner says lockkeeper, but the tables were made by harbor')
    await mistaken.close()
  })

  it('says to migrate, rather than doing so, when our tables are missing', async () => {
    await expect(accounts.findByName(named('jane'))).rejects.toMatchObject({
      code: 'ERR_BACKEND_UNAVAILABLE',
      message: 'database: tables or columns are missing: run `lockkeeper migrate`',
    })
    expect(await server.sql(name, "select count(*) from pg_tables where tablename like 'lockkeeper%'")).toBe('0\n')
  })

  describe('with our tables beside Harbor’s', () => {
    beforeEach(() => db.migrate().then(() => {}))

    it('is read without a change to anything of Harbor’s', async () => {
      const before = await everything()
      for (const typed of ['admin', 'jane', 'JANE', 'jane@example.com', 'lena', 'olaf', 'anonymous', 'nobody']) {
        await accounts.find(named(typed))
        await accounts.findByName(named(typed))
      }
      await accounts.list()
      await accounts.schemes()
      await accounts.version(3)
      const projects = sqlProjects(db)
      const [library, team] = await projects.list()
      await projects.rolesOf(team!, { accountId: 3, groupIds: [1] })
      await projects.members(library!)
      await accounts.findByLink(olaf)
      await accounts.onboard(lena)
      await accounts.groupIds('ldap_auth', [{ key: 'CN=devs,DC=example,DC=com' }])
      await accounts.setDisabled(3, true)
      expect(await everything()).toBe(before)
    })

    it('is matched exactly, and never by folded names', async () => {
      expect(await accounts.findByName(named('jane'))).toMatchObject({ id: 3 })
      expect(await accounts.findByName(named('Jane'))).toMatchObject({ id: 4 })
      expect(await accounts.findByName(named('JANE'))).toBeUndefined()
      expect(await accounts.find(named('jane@example.com'))).toMatchObject({ account: { id: 3 } })
      expect(await accounts.find(named('JANE@example.com'))).toBeUndefined()
      const { id } = await accounts.add({ username: 'JANE' })
      expect(await accounts.findByName(named('JANE'))).toMatchObject({ id })
      expect(await accounts.findByName(named('jAne'))).toBeUndefined()
    })

    it('shows no deleted account and no deleted project', async () => {
      expect(await accounts.findByName(named('anonymous'))).toBeUndefined()
      expect(await accounts.findById(2)).toBeUndefined()
      expect((await sqlProjects(db).list()).map((project) => project.name)).toEqual(['library', 'team'])
    })

    it('gives roles as the union of user and group, public projects, and times in UTC', async () => {
      const projects = sqlProjects(db)
      expect(await projects.get('library')).toMatchObject({
        isPublic: true,
        createdAt: new Date('2024-03-31T02:30:00Z'),
      })
      const team = (await projects.get('team'))!
      expect(team).toMatchObject({ isPublic: false, createdAt: new Date('2024-10-27T02:30:00.123Z') })
      expect(await projects.rolesOf(team, { accountId: 3, groupIds: [1] })).toEqual([1, 2])
    })

    describe('adoption of people whom Harbor on-boarded', () => {
      it('happens once, by exact name, for the mode that the comment names', async () => {
        expect(await accounts.findByLink(lena)).toBeUndefined()
        expect(await accounts.onboard(lena)).toMatchObject({ id: 5, username: 'lena', mode: 'ldap_auth' })
        expect(await accounts.findByLink(lena)).toMatchObject({ id: 5 })
        expect(await accounts.onboard({ ...lena, subject: 'uuid-2' })).toBeUndefined()
      })

      it('is for instances of that mode too', async () => {
        const emea = { ...lena, mode: 'ldap_auth/emea' }
        expect(await accounts.onboard(emea)).toMatchObject({ id: 5, mode: 'ldap_auth/emea' })
      })

      it('happens once when logins race', async () => {
        const [one, two] = await Promise.all([lena, { ...lena, subject: 'uuid-2' }].map((who) => accounts.onboard(who)))
        expect([one, two].filter(Boolean)).toHaveLength(1)
      })

      it('is refused to another mode, another spelling, local people, and by e-mail address', async () => {
        const e = { ...lena, email: 'lena@example.com' }
        expect(await accounts.onboard({ ...lena, mode: 'uaa_auth' })).toBeUndefined()
        expect(await accounts.onboard({ ...lena, username: 'jane' })).toBeUndefined()
        expect(await accounts.onboard({ ...lena, mode: 'oidc_auth', username: 'olaf' })).toBeUndefined()
        const newcomer = await accounts.onboard({ ...e, username: 'Lena' })
        expect(newcomer!.id).toBeGreaterThan(6)
        expect(newcomer).not.toHaveProperty('email')
      })

      it('is refused for the super user, whatever the comment says', async () => {
        await server.sql(name, "update harbor_user set comment = 'from LDAP.' where user_id = 1")
        expect(await accounts.onboard({ ...lena, username: 'admin' })).toBeUndefined()
        expect(await accounts.find(named('admin'))).toMatchObject({ isExternal: false })
      })

      it('is what `link` does where it is refused', async () => {
        await accounts.link(3, { ...lena, username: 'jane' } as Identity)
        expect(await accounts.findByLink(lena)).toMatchObject({ id: 3, mode: 'ldap_auth' })
      })
    })

    it('knows OIDC people by subject and issuer, also under a new user name', async () => {
      expect(await accounts.findByLink(olaf)).toMatchObject({ id: 6, username: 'olaf', mode: 'oidc_auth' })
      expect(await accounts.findByLink({ ...olaf, subject: 'olafs' })).toBeUndefined()
      expect(await accounts.findByLink({ ...olaf, mode: 'ldap_auth' })).toBeUndefined()
      expect(await accounts.find(named('olaf'))).toMatchObject({ isExternal: true })
      await accounts.link(6, { mode: 'ldap_auth', issuer: 'ldap://d', subject: 'uuid-olaf' })
      expect(await accounts.findByLink(olaf)).toBeUndefined()
    })

    it('takes passwords only in schemes that Harbor verifies', async () => {
      const pbkdf2 = { hash: 'a'.repeat(32), salt: 's'.repeat(32), scheme: 'pbkdf2_sha256' }
      await accounts.setPassword(3, pbkdf2)
      expect(await accounts.find(named('jane'))).toMatchObject({ stored: pbkdf2 })

      const argon2id = {
        hash: `$argon2id$v=19$m=19456,t=2,p=1$${'s'.repeat(22)}$${'t'.repeat(43)}`,
        salt: '',
        scheme: 'argon2id',
      }
      const refused = { code: 'ERR_INVALID_INPUT', message: expect.stringContaining('harborVersion') }
      await expect(accounts.setPassword(3, argon2id)).rejects.toMatchObject(refused)
      await expect(accounts.replace(3, pbkdf2, argon2id)).rejects.toMatchObject(refused)
      await expect(accounts.add({ username: 'new', password: argon2id })).rejects.toMatchObject(refused)
      expect(await accounts.find(named('jane'))).toMatchObject({ stored: pbkdf2 })
    })

    it('names the schemes of local passwords only', async () => {
      expect([...(await accounts.schemes())].sort()).toEqual(['sha1', 'sha256'])
    })

    it('is written as Harbor would', async () => {
      const newcomer = (await accounts.onboard({ ...lena, username: 'Doe, John', subject: 'uuid-9', email: '' }))!
      const columns = 'username, email is null, password, comment, deleted'
      const row = await server.sql(name, `select ${columns} from harbor_user where user_id = ${newcomer.id}`)
      expect(row).toBe('Doe_ John|t||from LDAP.|f\n')

      await accounts.remove(3)
      expect(await server.sql(name, 'select username, email, deleted from harbor_user where user_id = 3')).toBe(
        'jane#3|jane@example.com#3|t\n',
      )
      expect(
        await server.sql(name, "select count(*) from project_member where entity_id = 3 and entity_type = 'u'"),
      ).toBe('0\n')

      const project = await sqlProjects(db).create({ name: 'fresh', ownerId: 4, isPublic: true })
      const members = `select entity_id, entity_type, role from project_member where project_id = ${project.id}`
      expect(await server.sql(name, members)).toBe('4|u|1\n')
      const metadata = `select name, value from project_metadata where project_id = ${project.id}`
      expect(await server.sql(name, metadata)).toBe('public|true\n')
    })

    it('gives people whom Harbor deleted, and who come back, a new account', async () => {
      await accounts.onboard(lena)
      const deletion = "username = username || '#5', email = email || '#5', deleted = true where user_id = 5"
      await server.sql(name, `update harbor_user set ${deletion}`)
      expect(await accounts.findByLink(lena)).toBeUndefined()
      expect((await accounts.onboard(lena))?.id).toBeGreaterThan(6)
    })

    it('shows in an account’s version what Harbor changes', async () => {
      const before = await accounts.version(3)
      await server.sql(name, "update harbor_user set password = 'changed', salt = 'by Harbor' where user_id = 3")
      expect(await accounts.version(3)).not.toBe(before)
    })
  })
})
