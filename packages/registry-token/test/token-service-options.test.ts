import { describe, expect, it } from 'vitest'
import { createTokenService } from '../src/issue/token-service.ts'
import type { SigningKeys } from '../src/keys/signing-keys.ts'
import { testServices } from './services.ts'

const { keys } = testServices()

describe('OPS-04: createTokenService refuses to start', () => {
  const problems = (options: unknown) => {
    try {
      createTokenService(options as Parameters<typeof createTokenService>[0])
    } catch (error) {
      return (error as { problems?: unknown }).problems
    }
    return 'started'
  }

  it.each([
    { what: 'an unknown option', services: { s: { expires: 5 } }, path: 'services.s', says: /expires/ },
    { what: 'no service', services: {}, path: 'services', says: /at least one service/ },
    {
      what: 'a life under a minute',
      services: { s: { expiresInSeconds: 59 } },
      path: 'services.s.expiresInSeconds',
      says: /60/,
    },
    {
      what: 'a life over 15 minutes',
      services: { s: { expiresInSeconds: 901 } },
      path: 'services.s.expiresInSeconds',
      says: /900/,
    },
    {
      what: 'a push life over an hour',
      services: { s: { pushExpiresInSeconds: 3601 } },
      path: 'services.s.pushExpiresInSeconds',
      says: /3600/,
    },
    {
      what: 'half a second',
      services: { s: { expiresInSeconds: 60.5 } },
      path: 'services.s.expiresInSeconds',
      says: /int/,
    },
    {
      what: 'an algorithm that is not offered',
      services: { s: { algorithm: 'HS256' } },
      path: 'services.s.algorithm',
      says: /ES256/,
    },
    {
      what: 'kid-custom without key id',
      services: { s: { headerStyle: 'kid-custom' } },
      path: 'services.s.keyId',
      says: /kid-custom/,
    },
    {
      what: 'a key id without kid-custom',
      services: { s: { keyId: 'a' } },
      path: 'services.s.keyId',
      says: /kid-custom/,
    },
    { what: 'a service name that no challenge can carry', services: { 'a\nb': {} }, path: 'services.a\nb', says: /./ },
    {
      what: 'one key id for keys of two algorithms',
      services: {
        a: { headerStyle: 'kid-custom', keyId: 'x' },
        b: { headerStyle: 'kid-custom', keyId: 'x', algorithm: 'RS256' },
      },
      path: 'services.b.keyId',
      says: /another text/,
    },
  ])('$what', ({ services, path, says }) => {
    expect(problems({ issuer: 'lockkeeper', services, keys: keys() })).toMatchObject([
      { path, message: expect.stringMatching(says) },
    ])
  })

  it('a service that needs a key which is not there, or a certificate which is not there', async () => {
    const bare: SigningKeys = {
      ...keys(),
      published: () =>
        keys()
          .published()
          .filter(({ algorithm }) => algorithm === 'ES256')
          .map((key) => ({ ...key, certificates: [] })),
    }
    expect(problems({ issuer: 'i', services: { a: { algorithm: 'RS256' }, b: {} }, keys: bare })).toMatchObject([
      { path: 'services.a.algorithm', message: expect.stringMatching(/keys new --algorithm RS256/) },
      { path: 'services.b.headerStyle', message: expect.stringMatching(/kid-libtrust/) },
    ])
  })
})
