import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { setTimeout as pass } from 'node:timers/promises'
import { SealBrokenError, type SealedPlace, type TokenCipher } from '@lockkeeper/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { grantRecord, grantStoreSuite } from '../../core/test/grant-store-suite.ts'
import { openDatabase, sqlGrants } from '../src/index.ts'
import { onEveryDatabase } from './on-every-database.ts'

const TABLE = 'lockkeeper_grant'
const key = randomBytes(32)

/** Seals with AES-256-GCM, as the cipher of the OIDC mode does, which no store may import. */
const cipher: TokenCipher = {
  seal(plain, place) {
    const nonce = randomBytes(12)
    const gcm = createCipheriv('aes-256-gcm', key, nonce).setAAD(placeBytes(place))
    return Buffer.concat([nonce, gcm.update(plain, 'utf8'), gcm.final(), gcm.getAuthTag()]).toString('base64url')
  },
  open(sealed, place) {
    const bytes = Buffer.from(sealed, 'base64url')
    const gcm = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(placeBytes(place))
    gcm.setAuthTag(bytes.subarray(-16))
    try {
      return Buffer.concat([gcm.update(bytes.subarray(12, -16)), gcm.final()]).toString('utf8')
    } catch {
      throw new SealBrokenError('was changed')
    }
  },
}
const placeBytes = (place: SealedPlace) => Buffer.from(JSON.stringify([place.table, place.column, place.account]))

onEveryDatabase((fixture) => {
  beforeEach(async () => {
    await fixture.db.knex(TABLE).delete()
  })

  grantStoreSuite(async () => ({ store: sqlGrants(fixture.db, { cipher }), jane: 7, joe: 8, pass }))

  describe('OID-10: the table of grants', () => {
    const broken = { code: 'ERR_SEAL_BROKEN' }
    const sealedOf = async (accountId: number): Promise<string> =>
      (await fixture.db.knex(TABLE).where('account_id', accountId).first('sealed')).sealed
    const write = (accountId: number, sealed: string) =>
      fixture.db.knex(TABLE).where('account_id', accountId).update({ sealed })

    it('holds no token, no name and no group', async () => {
      await sqlGrants(fixture.db, { cipher }).put(7, grantRecord())
      const rows = JSON.stringify(await fixture.db.knex(TABLE))
      for (const text of ['refresh-1', 'access-1', 'id-1', 'jane', 'dev', 'idp.test']) expect(rows).not.toContain(text)
    })

    it('has nothing that opens in the row of another account, when a bit was flipped or a part cut off', async () => {
      const store = sqlGrants(fixture.db, { cipher })
      await store.put(7, grantRecord())
      await store.put(8, grantRecord('refresh-of-joe'))
      const [jane, joe] = [await sealedOf(7), await sealedOf(8)]
      await write(7, joe)
      await write(8, jane)
      await expect(store.read(7)).rejects.toMatchObject(broken)
      await expect(store.read(8)).rejects.toMatchObject(broken)
      await write(7, jane.slice(0, 40) + (jane[40] === 'A' ? 'B' : 'A') + jane.slice(41))
      await expect(store.read(7)).rejects.toMatchObject(broken)
      await write(7, jane.slice(0, -4))
      await expect(store.read(7)).rejects.toMatchObject(broken)
      await write(7, jane)
      expect(await store.read(7)).toMatchObject(grantRecord())
    })
  })

  it('OID-11: a lease of one process holds in another', async () => {
    const options = await fixture.empty()
    const [here, there] = [openDatabase(options), openDatabase(options)]
    await here.migrate()
    const stores = [sqlGrants(here, { cipher }), sqlGrants(there, { cipher })]
    await stores[0]!.put(7, grantRecord())
    const leases = await Promise.all(Array.from({ length: 20 }, (_, i) => stores[i % 2]!.lease(7, `h${i}`, 60_000)))
    expect(leases.filter(Boolean)).toHaveLength(1)
    await Promise.all([here.close(), there.close()])
  })
})
