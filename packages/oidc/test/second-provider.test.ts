import type { Grant } from '@lockkeeper/core'
import { type OidcAuthOptions, oidcAuth } from '@lockkeeper/oidc'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type DexServer, startDex } from '../../../test/servers/dex.ts'
import { requires } from '../../../test/servers/requirements.ts'

const CALLBACK = new URL('http://127.0.0.1:8080/auth/oidc_auth/callback')
const UNAVAILABLE = { code: 'ERR_BACKEND_UNAVAILABLE' }
/** Dex writes user id and connector into the subject, as a protobuf message. */
const SUBJECT = Buffer.from('\n\x06jane-1\x12\x05local').toString('base64url')

const need = requires('dex')
describe.skipIf(need.skip)(`with Dex${need.note}`, () => {
  let dex: DexServer

  beforeAll(async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    dex = await startDex({ callbackUrl: CALLBACK })
  })
  afterAll(() => dex?.stop())

  const client = (options: Partial<OidcAuthOptions> = {}) =>
    oidcAuth({
      issuer: dex.issuer,
      clientId: dex.client.id,
      clientSecret: dex.client.secret,
      scopes: ['openid', 'profile', 'email', 'groups', 'offline_access'],
      groupsClaim: 'groups',
      insecureAllowPlaintext: true,
      ...options,
    })
  type Login = ReturnType<typeof client>['externalLogin']

  async function logIn(by: Login) {
    const { redirectTo, pending } = await by.start({ callbackUrl: CALLBACK })
    return by.finish(await dex.logIn(redirectTo), pending)
  }

  async function grantOf(by: Login): Promise<Grant> {
    const answer = await logIn(by)
    if (answer.outcome !== 'authenticated') throw new Error(answer.reason)
    return answer.grant
  }

  it('answers a ping', async () => {
    await expect(client().authenticator.ping({ signal: AbortSignal.timeout(5_000) })).resolves.toBeUndefined()
  })

  it('a person logs in by its form, and is known by issuer and subject', async () => {
    expect(await logIn(client().externalLogin)).toMatchObject({
      outcome: 'authenticated',
      identity: {
        issuer: dex.issuer,
        subject: SUBJECT,
        username: dex.person.username,
        email: dex.person.email,
        displayName: 'Jane Doe',
        groups: [{ key: 'dev' }, { key: 'ops' }],
      },
      grant: { issuer: dex.issuer, subject: SUBJECT, refreshToken: expect.any(String), expiresAt: expect.any(Date) },
    })
  })

  it('a wrong password brings nobody back', async () => {
    const { redirectTo } = await client().externalLogin.start({ callbackUrl: CALLBACK })
    await expect(dex.logIn(redirectTo, 'wrong')).rejects.toThrow('the provider shows a page')
  })

  it('OID-02: the callback of one login does not end another', async () => {
    const by = client().externalLogin
    const [mine, theirs] = await Promise.all([by.start({ callbackUrl: CALLBACK }), by.start({ callbackUrl: CALLBACK })])
    const back = await dex.logIn(theirs.redirectTo)
    expect(await by.finish(back, mine.pending)).toEqual({ outcome: 'rejected', reason: 'state_mismatch' })
    back.searchParams.set('state', mine.pending.state ?? '')
    expect(await by.finish(back, mine.pending)).toEqual({ outcome: 'rejected', reason: 'code_refused' })
  })

  it('OID-02: a callback that is played again is refused', async () => {
    const by = client().externalLogin
    const { redirectTo, pending } = await by.start({ callbackUrl: CALLBACK })
    const back = await dex.logIn(redirectTo)
    expect(await by.finish(back, pending)).toMatchObject({ outcome: 'authenticated' })
    expect(await by.finish(back, pending)).toEqual({ outcome: 'rejected', reason: 'code_refused' })
  })

  it('OID-11: a refresh gives the next refresh token, and one that is used twice lets nobody in', async () => {
    const by = client().externalLogin
    const grant = await grantOf(by)
    const next = await by.refresh(grant)
    expect(next).toMatchObject({ outcome: 'authenticated', identity: { issuer: dex.issuer, subject: SUBJECT } })
    expect(next).not.toMatchObject({ grant: { refreshToken: grant.refreshToken } })
    // Dex does not say invalid_grant, as RFC 6749 asks, so that this cannot be told from a fault.
    await expect(by.refresh(grant)).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringContaining('invalid_request'),
    })
  })

  it('an ID token of it is known as a bearer token, and no longer once it was changed', async () => {
    const by = client().externalLogin
    const { idToken = '' } = await grantOf(by)
    expect(await by.verifyToken(idToken)).toMatchObject({
      outcome: 'authenticated',
      identity: { issuer: dex.issuer, subject: SUBJECT, username: dex.person.username },
    })
    const [header, claims, signature = ''] = idToken.split('.')
    const changed = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    expect(await by.verifyToken([header, claims, changed].join('.'))).toMatchObject({ outcome: 'rejected' })
  })

  it('VER-08: an access token of it cannot be told from an ID token, so that an operator can refuse both', async () => {
    const { accessToken = '', idToken = '' } = await grantOf(client().externalLogin)
    const namesOf = (token: string) =>
      Object.keys(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()))
    // The code that the first ID token came for is the only difference, and one after a refresh lacks it.
    expect(namesOf(idToken).filter((name) => name !== 'c_hash')).toEqual(namesOf(accessToken))
    expect(await client().externalLogin.verifyToken(accessToken)).toMatchObject({ outcome: 'authenticated' })
    const { externalLogin } = client({ bearerTokens: false })
    for (const token of [accessToken, idToken]) {
      expect(await externalLogin.verifyToken(token)).toEqual({ outcome: 'abstained' })
    }
  })

  it.each(['basic', 'post'] as const)('takes a secret with special characters by %s', async (clientAuthentication) => {
    const { outcome } = await logIn(client({ clientAuthentication }).externalLogin)
    expect(outcome).toBe('authenticated')
  })

  it('a wrong client secret is an outage to be mended, not a refusal', async () => {
    await expect(logIn(client({ clientSecret: 'wrong' }).externalLogin)).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringContaining('check clientId, clientSecret'),
    })
  })

  // The last one: what Dex knew is gone with it.
  it('once it is down, nobody is refused', async () => {
    const by = client().externalLogin
    const grant = await grantOf(by)
    const { redirectTo, pending } = await by.start({ callbackUrl: CALLBACK })
    const back = await dex.logIn(redirectTo)
    await dex.stop()
    await expect(by.finish(back, pending)).rejects.toMatchObject(UNAVAILABLE)
    await expect(by.refresh(grant)).rejects.toMatchObject(UNAVAILABLE)
    await expect(client().externalLogin.start({ callbackUrl: CALLBACK })).rejects.toMatchObject(UNAVAILABLE)
  })
})
