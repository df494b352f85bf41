import { type AccountStore, type Clock, NotFoundError } from '@lockkeeper/core'
import { UniqueViolationError } from '../connection/guarded.ts'
import type { Database } from '../database.ts'
import { cut, isId, toUtcText } from '../values.ts'
import { canonicalColumns, usableEmail } from './onboarding.ts'

interface Profile {
  readonly email?: string
  readonly displayName?: string
}

/** Stores what a backend says of a person at each login. */
export function profileWrites(db: Database, clock: Clock): Pick<AccountStore, 'updateProfile'> {
  return {
    async updateProfile(id, { email, displayName }) {
      const name = displayName ? { displayName: cut(displayName) } : {}
      const address = usableEmail(email)
      try {
        await write(db, clock, id, { ...name, ...(address !== undefined && { email: address }) })
      } catch (error) {
        if (!(error instanceof UniqueViolationError)) throw error
        await write(db, clock, id, name)
      }
    },
  }
}

async function write(db: Database, clock: Clock, id: number, { email, displayName }: Profile): Promise<void> {
  const isHarbors = await db.isHarbors()
  await db.transaction(async (trx) => {
    const changed = isId(id)
      ? await trx('harbor_user')
          .where({ user_id: id, deleted: false })
          .update({
            ...(email !== undefined && { email }),
            ...(displayName !== undefined && { realname: displayName }),
            update_time: toUtcText(clock.wallMs()),
          })
      : 0
    if (changed === 0) throw new NotFoundError(`there is no account with id ${id}`)
    if (email === undefined || isHarbors) return
    const { canonical_email } = canonicalColumns('', email)
    await trx('lockkeeper_account').where('account_id', id).update({ canonical_email })
  })
}
