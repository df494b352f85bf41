import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BackendUnavailableError, type HarborOidcStore, Secret } from '@lockkeeper/core'
import { oidcAuth } from '@lockkeeper/oidc'
import { authenticatorContract, password } from '@lockkeeper/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { temporaryFolder } from '../../../test/servers/temporary-folder.ts'
import { harborEncryption } from '../src/harbor/harbor-encryption.ts'
import { writeHarborToken } from '../src/harbor/harbor-token.ts'
import { type House, makeHouse } from './house.ts'

const KEY = '1234567890123456'
const encryption = harborEncryption(new Secret<Uint8Array>(Buffer.from(KEY)))
const RIGHT = 'Grüße, 7 Zwerge'

describe('oidc_auth on a database that Harbor made', () => {
  let house: House
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let state: 'up' | 'down' | 'stalled' = 'up'

  beforeAll(async () => {
    house = await makeHouse()
    folder = await temporaryFolder()
    writeFileSync(join(folder.path, 'key'), KEY)
    const answer = (body: unknown) => () => (state === 'up' ? { body } : { status: 503 })
    const claims = { sub: 'jane-1', preferred_username: 'jane', groups: ['dev'] }
    house.provider.routes.set('/userinfo', answer(claims))
    const discovery = house.provider.routes.get('/.well-known/openid-configuration')
    house.provider.routes.set('/.well-known/openid-configuration', (request) =>
      state === 'up' && discovery ? discovery(request) : { status: 503 },
    )
  })
  afterAll(async () => {
    await house.provider.stop()
    await folder.remove()
  })

  const users: HarborOidcStore = {
    async find(username) {
      if (state === 'down') throw new BackendUnavailableError('database', 'is down')
      if (state === 'stalled') return new Promise(() => {})
      if (username !== 'jane') return undefined
      const { issuer } = house.provider
      const expiresAt = new Date(house.clock.wallMs() + 60_000)
      const grant = { issuer, subject: 'jane-1', accessToken: 'a', idToken: await house.idToken(), expiresAt }
      const token = encryption.encrypt(writeHarborToken(grant))
      return { accountId: 7, username, subiss: `jane-1${issuer}`, secret: encryption.encrypt(RIGHT), token }
    },
    lease: async () => true,
    release: async () => {},
    replaceToken: async () => true,
  }

  authenticatorContract(
    { describe, it },
    {
      make: () =>
        oidcAuth(
          {
            issuer: house.provider.issuer,
            clientId: 'lockkeeper',
            groupsClaim: 'groups',
            insecureAllowPlaintext: true,
          },
          { clock: house.clock, harbor: { keyFile: join(folder.path, 'key'), users } },
        ).authenticator,
      accepted: password('jane', RIGHT),
      identity: { mode: 'oidc_auth', subject: 'jane-1', username: 'jane' },
      rejected: [password('jane', 'wrong')],
      unknown: [password('nobody', RIGHT), password('Jane', RIGHT), password('jane-1', RIGHT)],
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
