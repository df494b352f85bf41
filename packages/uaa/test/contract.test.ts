import { authenticatorContract, fakeClock, password } from '@lockkeeper/testing'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { startUaaStandIn, type UaaStandIn } from '../../../test/servers/uaa-stand-in.ts'
import { uaaAuth } from '../src/index.ts'
import { BOB, JANE } from './house.ts'

describe('uaa_auth', () => {
  const clock = fakeClock()
  let uaa: UaaStandIn
  beforeAll(async () => {
    uaa = await startUaaStandIn({ people: [JANE, BOB] })
  })
  afterAll(() => uaa.close())

  authenticatorContract(
    { describe, it },
    {
      make() {
        vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
        const { id: clientId, secret: clientSecret } = uaa.client
        return uaaAuth({ url: uaa.url, clientId, clientSecret, insecureAllowPlaintext: true }, { clock })
      },
      accepted: password('jane', JANE.password),
      identity: { mode: 'uaa_auth', issuer: 'uaa_auth', username: 'jane', email: 'jane@example.test' },
      spellings: ['JANE', 'ｊａｎｅ'],
      rejected: [password('jane', 'wrong'), password('bob', JANE.password)],
      unknown: [password('nobody', JANE.password), password('j*', JANE.password), password('jane@example.test', 'x')],
      verifications: () => uaa.passwordsTried,
      breakBackend: () => uaa.close(),
      stallBackend: () => uaa.answer('/oauth/token', () => {}),
      async restoreBackend() {
        uaa.answer('/oauth/token')
        await uaa.open()
        // As long as a backend that failed is left alone at most.
        await clock.advance(30_000)
      },
    },
  )
})
