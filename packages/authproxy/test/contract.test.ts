import { authenticatorContract, fakeClock, password } from '@lockkeeper/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type AuthProxy, startAuthProxy } from '../../../test/servers/auth-proxy.ts'
import { httpAuth } from '../src/index.ts'
import { BOB, certificates, JANE } from './house.ts'

describe('http_auth', () => {
  const clock = fakeClock()
  let proxy: AuthProxy
  beforeAll(async () => {
    proxy = await startAuthProxy({ people: [JANE, BOB], tls: certificates })
  })
  afterAll(() => proxy.close())

  authenticatorContract(
    { describe, it },
    {
      make: () =>
        httpAuth(
          {
            endpoint: proxy.loginUrl,
            tokenReview: { url: proxy.reviewUrl() },
            adminGroups: ['ops'],
            tls: { ca: certificates.ca },
          },
          { clock },
        ),
      accepted: password('Jane', JANE.password),
      identity: {
        mode: 'http_auth',
        issuer: 'http_auth',
        subject: 'Jane',
        username: 'Jane',
        groups: [{ key: 'dev' }, { key: 'ops' }, { key: 'system:authenticated' }],
        isAdmin: true,
      },
      rejected: [password('Jane', 'wrong'), password('bob', JANE.password)],
      unknown: [password('nobody', JANE.password), password('jane', JANE.password), password('J*', JANE.password)],
      verifications: () => proxy.passwordsTried,
      breakBackend: () => proxy.close(),
      stallBackend: () => proxy.answer(proxy.loginUrl, () => {}),
      async restoreBackend() {
        proxy.answer(proxy.loginUrl)
        await proxy.open()
        // As long as a backend that failed is left alone at most.
        await clock.advance(30_000)
      },
    },
  )
})
