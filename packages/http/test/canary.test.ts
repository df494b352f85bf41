import { inspect } from 'node:util'
import { systemClock } from '@lockkeeper/core'
import { afterAll, describe, expect, it } from 'vitest'
import { serve } from '../src/adapters/node.ts'
import type { RequestLogEntry } from '../src/index.ts'
import { rawRequest, sendRaw } from './adapters/raw-socket.ts'
import { as, basic, buildHouse, form } from './house.ts'

const CANARIES = {
  password: 'canary-pw-4f1c9a7e',
  name: 'canary-name-77b20d13',
  token: 'canary.token.c0ffee42',
  secret: 'canary-secret-1f00baa5',
  cookie: 'canary-cookie-9e8d7c6b',
  parameter: 'canary-param-5a5a1234',
}

/** A canary in every dress that a log could put it in. */
const dresses = (canary: string): readonly string[] => {
  const bytes = Buffer.from(canary)
  return [
    canary,
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('hex'),
    [...canary].reverse().join(''),
    ...[0, 1, 2].map((shift) =>
      Buffer.from('x'.repeat(shift) + canary)
        .toString('base64')
        .slice(4, -4),
    ),
    JSON.stringify([...bytes]).slice(1, -1),
    inspect(bytes).slice(8, 40),
  ]
}

const { password, name, token, secret, cookie, parameter } = CANARIES
const grant = { grant_type: 'password', username: name, password }
const bearer = (value: string): RequestInit => ({ headers: { authorization: `Bearer ${value}` } })

const REQUESTS: readonly [path: string, init: RequestInit][] = [
  ['/service/token', as('jane', password)],
  ['/service/token', as(name, password)],
  ['/service/token', as(`${name}\u0007`, password)],
  ['/service/token', form(grant)],
  ['/service/token', form({ ...grant, grant_type: 'refresh_token', refresh_token: token })],
  ['/service/token', form({ ...grant, grant_type: secret })],
  ['/service/token', form(`${new URLSearchParams(grant)}&password=${secret}`)],
  ['/service/token', form(`password=${secret}%`)],
  ['/service/token', form(grant, { authorization: `Bearer ${token}` })],
  ['/service/token', form(JSON.stringify(grant), { 'content-type': `application/json; x=${secret}` })],
  [`/service/token?password=${secret}`, {}],
  [`/service/token?service=${parameter}`, as('jane')],
  [`/service/token?scope=${parameter}`, {}],
  [`/service/token?scope=repository:${parameter.toUpperCase()}:pull`, {}],
  [`/service/token?__proto__=${secret}`, {}],
  ['/service/token', bearer(token)],
  ['/service/token', { headers: { authorization: `Harbor-Secret ${secret}` } }],
  ['/service/token', { headers: { authorization: `Negotiate ${secret}` } }],
  ['/service/token', { headers: { authorization: `Basic ${secret}, Basic ${password}` } }],
  ['/service/token', { headers: { cookie: `sid=${cookie}` } }],
  ['/v2/', bearer(token)],
  ['/v2/', as('jane', password)],
  [`/${secret}`, { method: 'DELETE' }],
  [`/service/token?x=${'a'.repeat(9000)}${secret}`, {}],
]

describe('OBS-01: canaries', () => {
  const house = buildHouse({ clock: systemClock, freezeMs: 0 })
  const socketLog: RequestLogEntry[] = []
  const running = serve(house.handler, {
    listen: '127.0.0.1:0',
    log: (entry) => socketLog.push(entry),
    limits: { lingerMs: 1 },
  })
  afterAll(async () => (await running).stop())

  /** Everything that was said anywhere since the last time. */
  const said = (answers: readonly string[]): string => {
    const records = [...house.log.splice(0), ...house.audit.splice(0), ...socketLog.splice(0)]
    return [...answers, JSON.stringify(records), inspect(records, { depth: 10, showHidden: true })].join('\n')
  }

  const expectSilence = (text: string) => {
    for (const canary of Object.values(CANARIES)) {
      for (const dress of dresses(canary)) expect(text).not.toContain(dress)
    }
  }

  it.each(REQUESTS.map(([path, init], at) => [at, path.slice(0, 60), path, init] as const))(
    'nothing of request %i, %s, is repeated in any answer, log line or record',
    async (_, __, path, init) => {
      const response = await house.ask(path, init)
      expectSilence(said([JSON.stringify([...response.headers]), await response.text()]))
    },
  )

  it('nor when a backend is down or a route breaks', async () => {
    house.mode.failAt('verification')
    const answers = []
    for (const init of [as('jane', password), form(grant)])
      answers.push(await (await house.ask('/service/token', init)).text())
    house.mode.failAt('nowhere')
    expectSilence(said(answers))
  })

  it('nor when the bytes on the wire are no HTTP', async () => {
    const { url } = await running
    const authorization = `Authorization: ${basic('jane', password)}`
    const answers = await Promise.all([
      sendRaw(url, rawRequest('GET /service/token', [authorization, 'X A: b'])),
      sendRaw(url, rawRequest('GET /service/token', [authorization, 'X-A: b\x01'])),
      sendRaw(url, rawRequest(`GET http://evil.test/${secret}`, [authorization])),
      sendRaw(url, rawRequest('GET /service/token', [authorization, authorization])),
      sendRaw(url, rawRequest('GET /service/token', [authorization, `Host: ${secret}/`])),
      sendRaw(url, `${secret}\r\n\r\n`),
    ])
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 400])
    const text = said(answers.map(({ text }) => text))
    expect(text).toContain('HPE_')
    expectSilence(text)
  })

  it('and an issued token is in its answer and nowhere else', async () => {
    const response = await house.ask('/service/token', as('jane'))
    const { token: issued } = await response.json()
    expect(said([JSON.stringify([...response.headers])])).not.toContain(issued)
  })
})
