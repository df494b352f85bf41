import {
  AuthModeRegistry,
  createAccountDirectory,
  createLogin,
  type LoginResult,
  memoryAccounts,
} from '@lockkeeper/core'
import { createLockout, memoryLockoutStore } from '@lockkeeper/lockout'
import { fakeClock, recordingAudit } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { call, login, outcomeOf } from '../../../test/outcomes.ts'
import { answering } from '../../../test/servers/answering.ts'
import { authOf, BOB, JANE, standIn } from './house.ts'

const grants = (requests: readonly { readonly form: URLSearchParams }[]) =>
  requests.map(({ form }) => form.get('grant_type')).filter((grant) => grant !== null)

describe('UAA-01: bad credentials are refused only when the client can prove itself', () => {
  it('asks for the proof after the refusal, so that the two are never seconds apart', async () => {
    const uaa = await standIn()
    const auth = authOf(uaa)
    expect(await outcomeOf(login(auth, 'jane', 'wrong'))).toBe('rejected: bad_credentials')
    expect(await outcomeOf(login(auth, 'nobody', 'wrong'))).toBe('rejected: bad_credentials')
    expect(grants(uaa.requests)).toEqual(['password', 'client_credentials', 'password', 'client_credentials'])
  })

  it('needs no proof for who gets in', async () => {
    const uaa = await standIn()
    expect(await outcomeOf(login(authOf(uaa), 'jane', JANE.password))).toBe('authenticated')
    expect(grants(uaa.requests)).toEqual(['password'])
  })

  it.each([
    ['a wrong client secret', { clientSecret: 'another' }],
    ['an unknown client', { clientId: 'another' }],
  ])('%s is no refusal, whether the password is right or wrong and the name known or not', async (_, wrong) => {
    const auth = authOf(await standIn(), wrong)
    for (const [name, password] of [['jane', JANE.password] as const, ['jane', 'x'] as const, ['nobody', 'x'] as const])
      expect(await outcomeOf(login(auth, name, password))).toMatch(
        /refuses the client .*check clientId and clientSecret/,
      )
  })

  it('a client secret that ends while the server runs is noticed at once', async () => {
    const uaa = await standIn()
    const auth = authOf(uaa)
    expect(await outcomeOf(login(auth, 'jane', JANE.password))).toBe('authenticated')
    uaa.client.secret = 'rotated'
    expect(await outcomeOf(login(auth, 'jane', 'wrong'))).toMatch(/check clientId and clientSecret/)
  })

  it.each([
    ['client_credentials', 'wrong', ['password']],
    ['password', JANE.password, ['client_credentials']],
  ])('a client without the grant %s is no refusal, and the error says what to add', async (_, password, granted) => {
    const uaa = await standIn()
    uaa.client.grants = granted
    expect(await outcomeOf(login(authOf(uaa), 'jane', password))).toMatch(/add it to authorized_grant_types/)
  })

  it('a client without the grant password refuses wrong passwords: UAA says what is missing to right ones alone', async () => {
    const uaa = await standIn()
    uaa.client.grants = ['client_credentials']
    expect(await outcomeOf(login(authOf(uaa), 'jane', 'wrong'))).toBe('rejected: bad_credentials')
  })

  it('an outage during the proof is no refusal', async () => {
    const uaa = await standIn()
    const auth = authOf(uaa)
    const refusal = answering(401, { error: 'unauthorized', error_description: 'Bad credentials' })
    let asked = 0
    uaa.answer('/oauth/token', (request, response) => {
      asked += 1
      return asked === 1 ? refusal(request, response) : response.destroy()
    })
    expect(await outcomeOf(login(auth, 'jane', 'wrong'))).toMatch(/closed the connection/)
  })
})

describe('UAA-01 and LCK-07: what a login makes of it', () => {
  async function house(clientSecret?: string) {
    const uaa = await standIn({ lockAfterFailures: 3 })
    const clock = fakeClock()
    const audit = recordingAudit()
    const mode = authOf(uaa, { ...(clientSecret !== undefined && { clientSecret }) })
    const attempt = createLogin({
      modes: new AuthModeRegistry([mode]),
      order: [mode.mode],
      lockout: createLockout({ store: memoryLockoutStore({ clock }), clock }),
      accounts: createAccountDirectory(memoryAccounts()),
      clock,
      audit,
    })
    const enter = (username: string, password: string): Promise<LoginResult> =>
      attempt({ username, password, source: '192.0.2.1', door: 'token' })
    return { uaa, clock, audit, enter }
  }

  it('a wrong client secret freezes nobody: with the right one the next attempt is verified at once', async () => {
    const { uaa, enter, audit } = await house('wrong')
    for (const password of [JANE.password, 'x', 'y']) {
      await expect(enter('jane', password)).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    }
    uaa.client.secret = 'wrong'
    expect(await enter('jane', JANE.password)).toMatchObject({ outcome: 'authenticated' })
    expect(audit.events.map(({ outcome }) => outcome)).toEqual([
      'unavailable',
      'unavailable',
      'unavailable',
      'authenticated',
    ])
    expect(audit.events[0]?.reason).toContain('check clientId and clientSecret')
  })

  it('a refused password freezes the name for 1500 ms, right password or not', async () => {
    const { uaa, clock, enter } = await house()
    expect(await enter('jane', 'x')).toMatchObject({ reason: 'bad_credentials' })
    const tried = uaa.passwordsTried
    expect(await enter('Jane', JANE.password)).toMatchObject({ reason: 'frozen' })
    expect(uaa.passwordsTried).toBe(tried)
    await clock.advance(1501)
    expect(await enter('Jane', JANE.password)).toMatchObject({ outcome: 'authenticated' })
  })

  it('somebody whom UAA locked is refused, and UAA’s own text goes nowhere', async () => {
    const { clock, audit, enter } = await house()
    for (let tries = 0; tries < 3; tries++) {
      await enter('bob', 'x')
      await clock.advance(1501)
    }
    expect(await enter('bob', BOB.password)).toMatchObject({ outcome: 'rejected', reason: 'locked' })
    expect(JSON.stringify(audit.events)).not.toContain('too many failed attempts')
  })
})

describe('UAA-01: each answer of the token endpoint means one thing', () => {
  const LOCKED = 'Your account has been locked because of too many failed attempts to login.'
  const CANNOT_TELL = /^uaa_auth: http:\/\/\S+ /
  const error = (error: string, description?: string) => ({ error, error_description: description })
  it.each<[string, number, unknown, string | RegExp]>([
    [
      'bad credentials as UAA of 2019 says it',
      401,
      error('unauthorized', 'Bad credentials'),
      'rejected: bad_credentials',
    ],
    ['bad credentials as later ones do', 401, error('invalid_client', 'Bad credentials'), 'rejected: bad_credentials'],
    ['a locked account', 401, error('unauthorized', LOCKED), 'rejected: locked'],
    [
      'a password that must change',
      401,
      error('unauthorized', 'User password needs to be changed: password change required'),
      'rejected: must_change',
    ],
    ['an account that is not verified', 403, error('access_denied', 'Account not verified'), 'rejected: not_allowed'],
    [
      'no scope that somebody may have',
      400,
      error('invalid_scope', '[a] is invalid. This user is not allowed any of the requested scopes'),
      'rejected: not_allowed',
    ],
    [
      'a grant that the client lacks',
      401,
      error('invalid_client', 'Unauthorized grant type: password'),
      /authorized_grant_types/,
    ],
    [
      'an origin that is not there',
      401,
      error(
        'unauthorized',
        'The origin provided in the login_hint does not match an active Identity Provider, that supports password grant.',
      ),
      /check origin/,
    ],
    [
      'a signing key that does not work',
      401,
      error('unauthorized', 'Unable to sign token, misconfigured JWT signing keys'),
      /answers 401 .*\(unauthorized\)/,
    ],
    ['a locked account with another status', 200, error('unauthorized', LOCKED), CANNOT_TELL],
    ['bad credentials with another status', 400, error('unauthorized', 'Bad credentials'), /answers 400/],
    ['an error nobody knows', 418, error('teapot'), /answers 418 to a request for a token \(teapot\)/],
    ['an error code that is no word', 400, error('jane <script>'), /answers 400 to a request for a token$/],
    ['no error at all', 401, {}, /answers 401/],
    ['a list', 401, [], /answers 401/],
    [
      'a description that is no text',
      401,
      { error: 'unauthorized', error_description: ['Bad credentials'] },
      /answers 401/,
    ],
    ['too many requests', 429, error('unauthorized', 'Bad credentials'), /answers 429/],
    ['an outage that says bad credentials', 503, error('unauthorized', 'Bad credentials'), /answers 503/],
    ['a redirect that says bad credentials', 302, error('unauthorized', 'Bad credentials'), /answers 302/],
    ['a page of a proxy', 401, '<html>Bad credentials</html>', /not the JSON/],
    ['nothing', 401, '', /not the JSON/],
  ])('%s', async (_, status, body, expected) => {
    const uaa = await standIn()
    const auth = authOf(uaa)
    uaa.answer('/oauth/token', (request, response) => {
      // The client proves itself whenever it is asked to.
      const isProof = uaa.requests.at(-1)?.form.get('grant_type') === 'client_credentials'
      const proof = { access_token: 'a', token_type: 'bearer' }
      return (isProof ? answering(200, proof) : answering(status, body))(request, response)
    })
    const outcome = await outcomeOf(login(auth, 'jane', JANE.password))
    expect(outcome).toMatch(expected)
  })
})

describe('ping', () => {
  it('lets the client prove itself', async () => {
    const uaa = await standIn()
    await authOf(uaa).ping?.(call)
    expect(grants(uaa.requests)).toEqual(['client_credentials'])
    await expect(authOf(uaa, { clientSecret: 'another' }).ping?.(call)).rejects.toThrow(/check clientId/)
  })
})
