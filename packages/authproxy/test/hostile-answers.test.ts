import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { fakeClock } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { call, login, outcomeOf } from '../../../test/outcomes.ts'
import { answering } from '../../../test/servers/answering.ts'
import type { AuthProxy } from '../../../test/servers/auth-proxy.ts'
import { authOf, certificates, JANE, proxy } from './house.ts'

const ENDPOINTS: readonly (readonly [string, (backend: AuthProxy) => string])[] = [
  ['the login', ({ loginUrl }) => loginUrl],
  ['the review', ({ reviewUrl }) => reviewUrl()],
]

describe.each(ENDPOINTS)('hostile answers of %s', (_, urlOf) => {
  const outcomeWith = async (listener: RequestListener) => {
    const backend = await proxy()
    backend.answer(urlOf(backend), listener)
    return outcomeOf(login(authOf(backend), 'Jane', JANE.password))
  }

  it('are not followed', async () => {
    let trapped = 0
    const trap = createServer((_, response) => {
      trapped += 1
      response.end()
    }).listen(0, '127.0.0.1')
    await once(trap, 'listening')
    const location = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/`
    for (const status of [301, 302, 307, 308]) {
      expect(await outcomeWith(answering(status, {}, { location }))).toMatch(`answers ${status}`)
    }
    trap.close()
    expect(trapped).toBe(0)
  })

  it('are not read without end', async () => {
    expect(await outcomeWith(answering(200, 'x'.repeat(10_000_000)))).toMatch(/answers with more than 65536 bytes/)
  })

  it('are not waited for without end', async () => {
    const backend = await proxy()
    const clock = fakeClock()
    const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>()
    backend.answer(urlOf(backend), () => isAsked())
    const outcome = outcomeOf(login(authOf(backend, { timeoutMs: 4000 }, clock), 'Jane', JANE.password))
    await asked
    await clock.advance(4000)
    expect(await outcome).toMatch(/did not answer within 4000 ms/)
  })

  it('are not unpacked, guessed at or completed', async () => {
    expect(await outcomeWith(answering(200, 'x', { 'content-encoding': 'gzip' }))).toMatch(/content encoding/)
    expect(await outcomeWith((_, response) => void response.end(Buffer.from([0x7b, 0xff])))).toMatch(/not UTF-8/)
    expect(await outcomeWith((_, response) => void response.destroy())).toMatch(/closed the connection/)
  })

  it('show no secret in an error, and nothing of themselves', async () => {
    const backend = await proxy()
    const auth = authOf(backend, { tokenReview: { url: backend.reviewUrl(), token: 'c4nary-own' } })
    for (const answer of [
      answering(418, 'c4nary-answer'),
      answering(200, 'c4nary-answer'),
      answering(200, { session_id: 'c4nary\nanswer', kind: 'c4nary-answer' }),
    ]) {
      backend.answer(urlOf(backend), answer)
      const error = await login(auth, 'Jane', JANE.password).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
      const printed = inspect(error, { depth: 12, showHidden: true })
      for (const secret of ['c4nary', JANE.password, 'session.']) expect(printed).not.toContain(secret)
    }
    expect(inspect(auth, { depth: 12, showHidden: true })).not.toContain('c4nary')
  })
})

describe('TLS', () => {
  it('is verified by the authority that is named, or by the certificate itself', async () => {
    const backend = await proxy()
    for (const ca of [certificates.ca, certificates.cert]) {
      expect(await outcomeOf(login(authOf(backend, { tls: { ca } }), 'Jane', JANE.password))).toBe('authenticated')
    }
  })

  it('sends nothing to a proxy that it cannot verify', async () => {
    const backend = await proxy()
    for (const tls of [{}, { ca: certificates.ca, serverName: 'other.test' }]) {
      expect(await outcomeOf(login(authOf(backend, { tls }), 'Jane', JANE.password))).toMatch(/shows a certificate/)
    }
    expect(backend.requests).toEqual([])
  })

  it('is given up only when the operator says so, which warns', async () => {
    const backend = await proxy()
    const auth = authOf(backend, { tls: { insecureSkipVerify: true } })
    expect(await outcomeOf(login(auth, 'Jane', JANE.password))).toBe('authenticated')
    expect(process.emitWarning).toHaveBeenCalledWith(expect.stringContaining('insecureSkipVerify'), expect.anything())
  })
})

describe('ping', () => {
  it('asks for the review of a token that nobody has', async () => {
    const backend = await proxy()
    await authOf(backend).ping?.(call)
    expect(backend.requests).toHaveLength(1)
    backend.answer(backend.reviewUrl(), answering(404, {}))
    await expect(authOf(backend).ping?.(call)).rejects.toThrow(/tokenreviews answers 404/)
  })
})
