import { randomUUID } from 'node:crypto'
import { issueCliSecret, MAX_SECRETS_OF_ACCOUNT } from '@lockkeeper/core'
import { fakeClock } from '@lockkeeper/testing'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { namedSecretSuite } from '../../core/test/named-secret-suite.ts'
import { sqlAccounts, sqlNamedSecrets } from '../src/index.ts'
import { onEveryDatabase } from './on-every-database.ts'

const TABLE = 'lockkeeper_secret'
const MONTH = 30 * 86_400_000

onEveryDatabase((fixture) => {
  const person = async () => (await sqlAccounts(fixture.db).add({ username: randomUUID() })).id
  beforeEach(async () => {
    await fixture.db.knex(TABLE).delete()
  })

  namedSecretSuite(async () => ({ store: sqlNamedSecrets(fixture.db), jane: await person(), joe: await person() }))

  describe('the table of CLI secrets', () => {
    it('MCH-01: holds no secret', async () => {
      const parts = { secrets: sqlNamedSecrets(fixture.db), clock: fakeClock() }
      const { text } = await issueCliSecret(parts, { accountId: await person(), name: 'laptop' })
      const rows = JSON.stringify(await fixture.db.knex(TABLE))
      expect(rows).toContain(text.reveal().slice(6, 18))
      expect(rows).not.toContain(text.reveal().slice(-24))
    })

    it('takes none for an account that is not there, and loses those of one that is removed', async () => {
      const secrets = sqlNamedSecrets(fixture.db)
      const clock = fakeClock()
      const ask = (accountId: number) => issueCliSecret({ secrets, clock }, { accountId, name: 'laptop' })
      await expect(ask(1_000_000)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
      const jane = await person()
      const { secret } = await ask(jane)
      await sqlAccounts(fixture.db).remove(jane)
      expect(await secrets.find(secret.id)).toBeUndefined()
      await expect(ask(jane)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    })

    it('has no room for one too many, however many are made at once', async () => {
      const secrets = sqlNamedSecrets(fixture.db)
      const clock = fakeClock()
      const jane = await person()
      const makes = Array.from({ length: MAX_SECRETS_OF_ACCOUNT + 10 }, (_, index) =>
        issueCliSecret({ secrets, clock }, { accountId: jane, name: `laptop ${index}` }),
      )
      const made = await Promise.allSettled(makes)
      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(MAX_SECRETS_OF_ACCOUNT)
      expect(await secrets.list(jane)).toHaveLength(MAX_SECRETS_OF_ACCOUNT)
    })

    it('remembers for a month what was revoked or expired', async () => {
      const clock = fakeClock()
      const secrets = sqlNamedSecrets(fixture.db, { clock })
      const jane = await person()
      const make = async (name: string, expiresAt?: number) => {
        const asked = { accountId: jane, name, ...(expiresAt !== undefined && { expiresAt }) }
        return (await issueCliSecret({ secrets, clock }, asked)).secret.id
      }
      const [revoked, expired, alive] = [await make('a'), await make('b', clock.wallMs() + 1), await make('c')]
      await secrets.revoke(jane, revoked, clock.wallMs())
      await clock.advance(MONTH)
      const later = await make('d')
      expect((await fixture.db.knex(TABLE).pluck('secret_id')).toSorted()).toEqual(
        [revoked, expired, alive, later].toSorted(),
      )
      await clock.advance(10_000)
      const last = await make('e')
      await vi.waitFor(async () => {
        expect((await fixture.db.knex(TABLE).pluck('secret_id')).toSorted()).toEqual([alive, later, last].toSorted())
      }, 5000)
    })
  })
})
