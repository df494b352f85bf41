import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { as, buildHouse, claimsOf, form, PASSWORD } from './house.ts'

const grant = { grant_type: 'password', username: 'jane', password: PASSWORD }

/** The answers to requests of every kind. */
const answers = async ({ ask }: ReturnType<typeof buildHouse>) => {
  const requests = [
    ask('/service/token', as('jane')),
    ask('/service/token', as('jane', 'wrong')),
    ask('/service/token'),
    ask('/service/token?scope=repository:library/app:pull'),
    ask('/service/token', form(grant)),
    ask('/v2/'),
    ask('/nothing'),
    ask('/readyz'),
  ]
  return Promise.all(
    requests.map(async (request) => {
      const response = await request
      const headers = [...response.headers].filter(([name]) => name !== 'x-request-id')
      const body = await response.json()
      // A token is another one each time; what it says must not be.
      if (!Object.hasOwn(body, 'token')) return [response.status, headers, body]
      const { sub, access } = claimsOf(body.token)
      return [response.status, headers, body.scope, sub, access]
    }),
  )
}

describe('JSX-01: prototypes', () => {
  /** The words that decide who somebody is and what they get. */
  const polluted: Readonly<Record<string, unknown>> = {
    kind: 'none',
    outcome: 'context',
    account: 'jane',
    accountId: 1,
    username: 'jane',
    password: PASSWORD,
    isAuthenticated: true,
    isSysAdmin: true,
    isAdmin: true,
    allowed: true,
    granted: [{ type: 'repository', name: 'team/app', actions: ['pull', 'push'] }],
    answerAt: 0,
    anyHost: true,
    status: 200,
    token: 'forged',
    authorization: 'Bearer good',
  }

  afterEach(() => {
    for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name)
  })

  it('polluted with the words of a decision change no answer', async () => {
    const house = buildHouse({ freezeMs: 0 })
    const before = await answers(house)
    for (const [name, value] of Object.entries(polluted)) {
      Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true, enumerable: true })
    }
    const after = await answers(house)
    for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name)
    expect(after).toEqual(before)
  })

  it.each(['__proto__', 'constructor', 'prototype'])('are not reached by a parameter named %s', async (name) => {
    const { ask } = buildHouse()
    expect((await ask(`/service/token?${name}=x`)).status).toBe(400)
    expect((await ask('/service/token', form(`grant_type=password&${name}=x`))).status).toBe(400)
    expect((await ask(`/${name}`)).status).toBe(404)
    expect((await ask('/service/token', { method: name })).status).toBe(405)
  })

  it('frozen from the start are in nobody’s way', async () => {
    const script = fileURLToPath(new URL('./frozen-prototypes.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [script])
    expect(JSON.parse(stdout)).toEqual([200, 401, 401, 200, 200, 401, 404, 200])
  })
})
