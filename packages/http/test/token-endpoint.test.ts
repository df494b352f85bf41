import { silentAudit } from '@lockkeeper/core'
import { type ERROR_CODES, parseErrorBody, parseTokenResponse } from '@lockkeeper/registry-protocol'
import type { TokenRequest } from '@lockkeeper/registry-token'
import { fakeClock } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { createHandler, tokenEndpoint } from '../src/index.ts'
import { as, buildHouse, claimsOf, form, PASSWORD } from './house.ts'

const grant = { grant_type: 'password', username: 'jane', password: PASSWORD, service: 'registry', client_id: 'test' }

/** A house whose refusals do not wait, since waiting is tested elsewhere. */
const house = (options: Parameters<typeof buildHouse>[0] = {}) => buildHouse({ freezeMs: 0, ...options })

const readToken = async (response: Response) => {
  expect(response.status).toBe(200)
  const parsed = parseTokenResponse(await response.text())
  if (parsed.outcome === 'failed') throw new Error(parsed.problem)
  expect(parsed.warnings).toEqual([])
  const { sub, access } = claimsOf(parsed.response.token)
  return { ...parsed.response, sub, access }
}

describe('the token endpoint', () => {
  it('answers docker login: a token without scopes for a right password', async () => {
    const path = '/service/token?account=jane&client_id=docker&offline_token=true&service=registry'
    const token = await readToken(await house().ask(path, as('jane')))
    expect(token).toMatchObject({ sub: 'jane', access: [], expiresInSeconds: 300, scope: '' })
  })

  it('answers containerd: the password grant as a form, with a charset in its type', async () => {
    const { ask } = house()
    const scope = 'repository:library/app:pull repository:team/app:pull'
    for (const type of [
      'application/x-www-form-urlencoded',
      'application/x-www-form-urlencoded; charset=utf-8',
      'Application/X-WWW-Form-Urlencoded;charset="UTF-8"',
    ]) {
      const response = await ask('/service/token', form({ ...grant, scope }, { 'content-type': type }))
      expect(await readToken(response)).toMatchObject({ sub: 'jane', scope })
    }
  })

  it('answers skopeo: repeated scope fields', async () => {
    const fields = `${new URLSearchParams(grant)}&scope=repository:library/a:pull&scope=repository:library/b:pull`
    const { scope } = await readToken(await house().ask('/service/token', form(fields)))
    expect(scope).toBe('repository:library/a:pull repository:library/b:pull')
  })

  it('answers crane and oras: an empty service, repeated scope parameters', async () => {
    const path = '/service/token?scope=repository:library/a:pull&scope=repository:library/b:pull,push&service='
    expect((await readToken(await house().ask(path))).scope).toBe('repository:library/a:pull repository:library/b:pull')
  })

  it('reads a POST with an empty body like a GET', async () => {
    const { ask, audit } = house()
    const response = await ask('/service/token?service=registry', { method: 'POST', ...as('jane') })
    expect((await readToken(response)).sub).toBe('jane')
    expect(audit.map(({ door }) => door)).toEqual(['token', 'token'])
  })

  it('TOK-01: refuses wrong credentials even if every scope is public', async () => {
    const { ask } = house()
    const path = '/service/token?service=registry&scope=repository:library/app:pull'
    expect((await ask(path, as('jane', 'wrong'))).status).toBe(401)
    expect((await ask(path, as('nobody', 'wrong'))).status).toBe(401)
    expect((await ask(path, { headers: { authorization: 'Bearer abc' } })).status).toBe(401)
    expect((await ask(path, { headers: { authorization: '' } })).status).toBe(401)
    const wrong = { ...grant, password: 'wrong', scope: 'repository:library/app:pull' }
    expect((await ask('/service/token', form(wrong))).status).toBe(401)
  })

  it('TOK-01: answers the anonymous without a scope with 401, and with one by public rights alone', async () => {
    const { ask } = house()
    expect((await ask('/service/token?service=registry')).status).toBe(401)
    const path = '/service/token?scope=repository:library/app:pull,push&scope=repository:team/app:pull'
    expect(await readToken(await ask(path))).toMatchObject({
      sub: '',
      scope: 'repository:library/app:pull',
      access: [{ type: 'repository', name: 'library/app', actions: ['pull'] }],
    })
  })

  it('TOK-01: answers the anonymous with 401 whatever they ask for where nobody lets them in', async () => {
    const { ask } = house({ anonymous: false })
    expect((await ask('/service/token?scope=repository:library/app:pull')).status).toBe(401)
  })

  it('TOK-02: takes a differing account for no error, and believes the credentials alone', async () => {
    const { sub } = await readToken(await house().ask('/service/token?account=root', as('jane')))
    expect(sub).toBe('jane')
  })

  it('TOK-03: answers an issued token with no-store, JSON with charset, both names and UTC', async () => {
    const response = await house().ask('/service/token', as('jane'))
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    const body = JSON.parse(await response.text())
    expect(body.access_token).toBe(body.token)
    expect(body.expires_in).toBe(300)
    expect(body.issued_at).toBe('2026-01-01T00:00:00Z')
  })

  it('TOK-03: answers every refusal in both shapes, without internals', async () => {
    const { ask, mode } = house()
    const refusals: [status: number, code: keyof typeof ERROR_CODES, oauth: string, answer: Promise<Response>][] = [
      [401, 'UNAUTHORIZED', 'invalid_grant', ask('/service/token', as('jane', 'wrong'))],
      [401, 'UNAUTHORIZED', 'invalid_grant', ask('/service/token')],
      [400, 'UNSUPPORTED', 'invalid_request', ask('/service/token?service=other', as('jane'))],
      [400, 'NAME_INVALID', 'invalid_scope', ask('/service/token?scope=repository:A:pull')],
      [400, 'UNSUPPORTED', 'invalid_request', ask('/service/token?service=a&service=a')],
      [400, 'UNSUPPORTED', 'unsupported_grant_type', ask('/service/token', form({ grant_type: 'refresh_token' }))],
      [405, 'UNSUPPORTED', 'invalid_request', ask('/service/token', { method: 'DELETE' })],
      [413, 'UNSUPPORTED', 'invalid_request', ask('/service/token', form('a'.repeat(17_000)))],
    ]
    for (const [status, code, oauthError, answer] of refusals) {
      const response = await answer
      expect([response.status, response.headers.get('cache-control')]).toEqual([status, 'no-store'])
      expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
      const text = await response.text()
      const { errors, error_description, error } = JSON.parse(text)
      expect(errors).toEqual([{ code, message: error_description, detail: null }])
      expect(error).toBe(oauthError)
      expect(parseErrorBody(text).message).toBe(error_description)
      expect(text).not.toMatch(/\bat \w|Error:|\.ts|fake_auth/)
    }
    mode.failAt('look-up')
    const down = await ask('/service/token', as('jane'))
    expect([down.status, down.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await down.json()).toMatchObject({ errors: [{ code: 'UNAVAILABLE' }], error: 'temporarily_unavailable' })
  })

  it('answers a wrong password with the body that docker shows and the challenge that clients know', async () => {
    const response = await house().ask('/service/token', as('jane', 'wrong'))
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="lockkeeper"')
    expect(await response.text()).toBe(
      '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}],' +
        '"error":"invalid_grant","error_description":"authentication required"}',
    )
  })

  it('TOK-03: puts nothing of the request into the headers of its answer', async () => {
    const { ask } = house()
    const evil = encodeURIComponent('repository:"\r\nX-Evil: 1:pull')
    const response = await ask(`/service/token?scope=${evil}&service=${evil}`, {
      headers: { ...as('jane').headers, host: 'evil.test"' },
    })
    expect(response.status).toBe(400)
    expect([...response.headers].flat().join(' ')).not.toMatch(/evil/i)
  })

  it('says which grants it serves', async () => {
    const { ask } = house()
    for (const grantType of ['refresh_token', 'client_credentials', 'authorization_code', '', 'Password']) {
      const response = await ask('/service/token', form({ ...grant, grant_type: grantType }))
      expect(response.status).toBe(400)
      expect((await response.json()).error_description).toMatch(/use grant_type=password/)
    }
  })

  it('tells missing fields of the grant (400) from empty ones (401)', async () => {
    const { ask } = house()
    const { password: _, ...noPassword } = grant
    const { grant_type: __, ...noGrant } = grant
    expect((await ask('/service/token', form(noPassword))).status).toBe(400)
    expect((await ask('/service/token', form(noGrant))).status).toBe(400)
    expect((await ask('/service/token', form({ ...grant, password: '' }))).status).toBe(401)
    expect((await ask('/service/token', form({ ...grant, username: '' }))).status).toBe(401)
  })

  it.each([
    ['JSON', 'application/json'],
    ['no type', ''],
    ['another charset', 'application/x-www-form-urlencoded; charset=latin1'],
    ['a multipart form', 'multipart/form-data; boundary=x'],
  ])('JSX-02: refuses a body of %s', async (_, type) => {
    const response = await house().ask('/service/token', form(JSON.stringify(grant), { 'content-type': type }))
    expect(response.status).toBe(400)
  })

  it('LOG-05: refuses a form that is not UTF-8', async () => {
    const body = Buffer.concat([Buffer.from('grant_type=password&username=jane&password='), Buffer.from([0xff])])
    const response = await house().ask('/service/token', { ...form(''), body })
    expect(response.status).toBe(400)
  })

  it('LOG-05: passes passwords on as they were sent, control characters included', async () => {
    const { ask } = house()
    expect((await ask('/service/token', form({ ...grant, username: 'tab', password: ' a\tb ' }))).status).toBe(200)
    expect((await ask('/service/token', form({ ...grant, username: 'tab', password: 'a\tb' }))).status).toBe(401)
    expect((await ask('/service/token', as('tab', ' a\tb '))).status).toBe(401)
  })

  it('OBS-02: leaves one login record and one token record for each token, with what was asked and granted', async () => {
    const { ask, audit } = house()
    const scope = 'repository:library/app:pull,push'
    const response = await ask('/service/token', form({ ...grant, scope }))
    const requestId = response.headers.get('x-request-id')
    expect(audit.map(({ type, outcome, door }) => [type, outcome, door])).toEqual([
      ['login', 'authenticated', 'token-form'],
      ['token', 'issued', 'token-form'],
    ])
    expect(audit[1]).toEqual({
      type: 'token',
      at: '2026-01-01T00:00:00.000Z',
      outcome: 'issued',
      door: 'token-form',
      source: '192.0.2.7',
      requestId,
      name: 'jane',
      accountId: 1,
      details: {
        context: 'local',
        trace: expect.arrayContaining(['fake_auth: authenticated', 'basic: context']),
        service: 'registry',
        requested: [scope],
        granted: ['repository:library/app:pull'],
        denials: [expect.stringMatching(/^repository:library\/app:push: jane has no role/)],
      },
    })
    expect(audit[0]?.requestId).toBe(requestId)
  })

  it('OBS-02: records refused tokens with their reason, and the sentence of a policy that denied', async () => {
    const { ask, audit } = house()
    await ask('/service/token?service=other', as('jane'))
    expect(audit.at(-1)).toMatchObject({ type: 'token', outcome: 'refused', reason: 'unknown_service', name: 'jane' })

    const denial = { access: { type: 'repository', name: 'team/app', actions: ['push'] }, reason: 'frozen for release' }
    const base = house()
    const issue = async (request: TokenRequest) => ({ ...(await base.tokens.issue(request)), denials: [denial] })
    const denying = house({ tokens: { ...base.tokens, issue } })
    await denying.ask('/service/token', as('jane'))
    expect(denying.audit.at(-1)?.details).toMatchObject({ denials: ['repository:team/app:push: frozen for release'] })
  })

  it('tells the operator who refused, after whom', async () => {
    const { ask, log } = house()
    await ask('/service/token', { headers: { authorization: 'Bearer abc' } })
    expect(log).toMatchObject([{ reason: 'bearer_not_accepted', trace: ['basic: abstained', 'anonymous: abstained'] }])
  })

  it('names the anonymous nobody in the audit', async () => {
    const { ask, audit } = house()
    await ask('/service/token?scope=repository:library/app:pull')
    expect(audit).toHaveLength(1)
    expect(audit[0]).toMatchObject({ type: 'token', door: 'token', details: { context: 'anonymous' } })
    expect(audit[0]).not.toHaveProperty('name')
  })

  it('answers HEAD like GET, without a body', async () => {
    const response = await house().ask('/service/token', { method: 'HEAD', ...as('jane') })
    expect(response.status).toBe(200)
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(0)
    expect(await response.text()).toBe('')
  })

  it('LCK-07: a backend that is down is 503 and freezes nobody', async () => {
    const clock = fakeClock()
    const { ask, mode } = buildHouse({ clock })
    mode.failAt('verification')
    const down = ask('/service/token', as('jane'))
    await clock.advance(1500)
    expect((await down).status).toBe(503)
    mode.failAt('nowhere')
    expect((await ask('/service/token', as('jane'))).status).toBe(200)
  })

  it('TOK-03: quotes the realm that it is configured with, and refuses one that would break the header', async () => {
    const { chain, tokens, clock } = house()
    const endpoint = (realm: string) =>
      tokenEndpoint({ chain, tokens, clock, audit: silentAudit, realm, path: '/token' })
    const handler = createHandler({ routes: [endpoint('the "inner" circle')], log: () => {} })
    const response = await handler(new Request('http://auth.test/token'), { peer: '192.0.2.7', tls: false })
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="the \\"inner\\" circle"')
    expect(() => endpoint('a\r\nX-Evil: 1')).toThrow(TypeError)
  })
})
