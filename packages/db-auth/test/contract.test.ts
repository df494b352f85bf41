import { BackendUnavailableError, type MemoryAccounts, type PasswordStore } from '@lockkeeper/core'
import { openDatabase, sqlAccounts } from '@lockkeeper/database'
import { authenticatorContract, password } from '@lockkeeper/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../test/servers/postgres.ts'
import { requires } from '../../../test/servers/requirements.ts'
import { createPasswordHasher, dbAuth } from '../src/index.ts'
import { HARBOR_ROWS, peopleWith } from './people.ts'

const RIGHT = 'Grüße, 7 Zwerge'

const SAMPLES = {
  accepted: password('Jane', RIGHT),
  identity: { mode: 'db_auth', issuer: 'db_auth', username: 'Jane', email: 'jane@example.com' },
  spellings: ['jane', 'JANE', 'jane@example.com'],
  rejected: [password('disabled', RIGHT), password('old', 'wrong'), password('odd', 'content'), password('none', 'x')],
  unknown: [password('nobody', RIGHT), password('lena', RIGHT), password('J%', RIGHT), password('gone', RIGHT)],
}

let verifications = 0
const hasher = createPasswordHasher({}, { onDerivation: ({ kind }) => kind === 'argon2id' && verifications++ })

/** The people of the samples, in whatever store. */
async function populate(accounts: MemoryAccounts): Promise<void> {
  const right = await hasher.hash(RIGHT)
  await accounts.add({ username: 'Jane', email: 'jane@example.com', password: right })
  const disabled = await accounts.add({ username: 'disabled', password: right })
  await accounts.setDisabled(disabled.id, true)
  await accounts.add({ username: 'old', password: HARBOR_ROWS.sha256 })
  await accounts.add({ username: 'odd', password: { ...HARBOR_ROWS.sha256, scheme: 'SHA256' } })
  await accounts.add({ username: 'none' })
  const gone = await accounts.add({ username: 'gone', password: right })
  await accounts.remove(gone.id)
  const lena = { mode: 'ldap_auth', issuer: 'ldap://directory', subject: 'lena', username: 'lena', groups: [] }
  await accounts.onboard(lena)
}

describe('db_auth on the memory store', () => {
  let state: 'up' | 'down' | 'stalled' = 'up'

  async function make() {
    const accounts = await peopleWith({})
    await populate(accounts)
    const asked = <T>(work: () => Promise<T>): Promise<T> => {
      if (state === 'up') return work()
      return state === 'down' ? Promise.reject(new BackendUnavailableError('store', 'is down')) : new Promise(() => {})
    }
    const passwords: PasswordStore = {
      find: (name) => asked(() => accounts.find(name)),
      replace: (...args) => asked(() => accounts.replace(...args)),
      schemes: () => asked(() => accounts.schemes()),
    }
    return dbAuth({ passwords, hasher })
  }

  authenticatorContract(
    { describe, it },
    {
      ...SAMPLES,
      make,
      verifications: () => verifications,
      breakBackend: () => {
        state = 'down'
      },
      stallBackend: () => {
        state = 'stalled'
      },
      restoreBackend: () => {
        state = 'up'
      },
    },
  )
})

const need = requires('postgres')
describe.skipIf(need.skip)(`db_auth on PostgreSQL${need.note}`, () => {
  let server: PostgresServer
  let database: ReturnType<typeof openDatabase>
  beforeAll(async () => {
    server = await startPostgres()
    const { name } = await server.createDatabase()
    const connection = { port: server.port, database: name, user: 'test', password: 'test' }
    database = openDatabase({ client: 'pg', connection, queryTimeoutMs: 5000, connectTimeoutMs: 5000 })
    await database.migrate()
    await populate(sqlAccounts(database))
  })
  afterAll(async () => {
    await database?.close()
    await server?.stop()
  })

  let isStalled = false
  authenticatorContract(
    { describe, it },
    {
      ...SAMPLES,
      make: () => dbAuth({ passwords: sqlAccounts(database), hasher }),
      verifications: () => verifications,
      breakBackend: () => server.kill(),
      stallBackend: () => {
        isStalled = true
        server.pause()
      },
      async restoreBackend() {
        if (isStalled) server.resume()
        else await server.restart()
        isStalled = false
        await database.ping()
      },
    },
  )
})
