import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { fakeClock } from '@lockkeeper/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { call, login, outcomeOf } from '../../../test/outcomes.ts'
import { answering } from '../../../test/servers/answering.ts'
import { makeCertificates } from '../../../test/servers/certificates.ts'
import { requires } from '../../../test/servers/requirements.ts'
import { temporaryFolder } from '../../../test/servers/temporary-folder.ts'
import { authOf, JANE, standIn } from './house.ts'

const PATHS = ['/oauth/token', '/userinfo'] as const

describe('UAA-03: no answer is followed, waited for or read without end', () => {
  it.each(PATHS)('a redirect of %s leads nowhere', async (path) => {
    let trapped = 0
    const trap = createServer((_, response) => {
      trapped += 1
      response.end()
    }).listen(0, '127.0.0.1')
    await once(trap, 'listening')
    const uaa = await standIn()
    const location = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/`
    for (const status of [301, 302, 307, 308]) {
      uaa.answer(path, answering(status, {}, { location }))
      expect(await outcomeOf(login(authOf(uaa), 'jane', JANE.password))).toMatch(`answers ${status}`)
    }
    trap.close()
    expect(trapped).toBe(0)
  })

  it.each(PATHS)('10 MB from %s are not read', async (path) => {
    const uaa = await standIn()
    uaa.answer(path, answering(200, 'x'.repeat(10_000_000)))
    expect(await outcomeOf(login(authOf(uaa), 'jane', JANE.password))).toMatch(/answers with more than 65536 bytes/)
  })

  it.each(PATHS)('silence of %s ends with the time that it has', async (path) => {
    const uaa = await standIn()
    const clock = fakeClock()
    const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>()
    uaa.answer(path, () => isAsked())
    const outcome = outcomeOf(login(authOf(uaa, { timeoutMs: 4000 }, clock), 'jane', JANE.password))
    await asked
    await clock.advance(4000)
    expect(await outcome).toMatch(/did not answer within 4000 ms/)
  })

  const hostile: readonly [string, RequestListener, RegExp][] = [
    ['a compressed body', answering(200, 'x', { 'content-encoding': 'gzip' }), /content encoding/],
    ['bytes that are not UTF-8', (_, response) => void response.end(Buffer.from([0x7b, 0xff, 0x7d])), /not UTF-8/],
    ['a connection that closes', (_, response) => void response.destroy(), /closed the connection/],
    [
      'a body that ends early',
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('{')
        setImmediate(() => response.destroy())
      },
      /closed the connection|cannot be asked/,
    ],
  ]
  it.each(hostile)('%s lets nobody in and refuses nobody', async (_, listener, expected) => {
    for (const path of PATHS) {
      const uaa = await standIn()
      uaa.answer(path, listener)
      expect(await outcomeOf(login(authOf(uaa), 'jane', JANE.password))).toMatch(expected)
    }
  })
})

describe('UAA-03: secrets travel in bodies and headers alone', () => {
  it('puts password, client secret and tokens into no URL', async () => {
    const uaa = await standIn()
    const auth = authOf(uaa)
    await login(auth, 'jane', JANE.password)
    await login(auth, 'jane', 'another password')
    await auth.searchUser?.('jane', call)
    const token = uaa.requests.at(-1)?.headers.authorization?.replace('Bearer ', '') ?? 'none'
    const urls = uaa.requests.map(({ path, query }) => decodeURIComponent(`${path}?${query}`))
    for (const secret of [JANE.password, 'another password', uaa.client.secret, token]) {
      expect(urls.join('\n')).not.toContain(secret)
    }
  })

  it('shows them in no error, and shows nothing of what UAA said', async () => {
    const uaa = await standIn()
    const auth = authOf(uaa, { clientSecret: 'c4nary-secret' })
    for (const answer of [
      answering(418, { error: 'c4nary-answer', error_description: 'c4nary-answer' }),
      answering(200, { access_token: 'c4nary-answer\n' }),
      answering(200, 'c4nary-answer'),
      answering(401, { error: 'unauthorized', error_description: 'Bad credentials' }),
    ]) {
      uaa.answer('/oauth/token', answer)
      const error = await login(auth, 'jane', 'c4nary-password').catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
      expect(inspect(error, { depth: 12, showHidden: true })).not.toContain('c4nary')
    }
    expect(inspect(auth, { depth: 12, showHidden: true })).not.toContain('c4nary')
  })
})

const openssl = requires('openssl')
describe.skipIf(openssl.skip)(`UAA-03: TLS is verified${openssl.note}`, () => {
  let ca: string
  let tls: { cert: string; key: string }
  beforeAll(async () => {
    const folder = await temporaryFolder()
    const files = await makeCertificates(folder.path, ['uaa.test'])
    ca = await readFile(files.ca, 'utf8')
    tls = { cert: await readFile(files.certificate, 'utf8'), key: await readFile(files.key, 'utf8') }
    await folder.remove()
  })

  const over = { insecureAllowPlaintext: false }

  it('by the authority that is named', async () => {
    const uaa = await standIn({ tls })
    expect(await outcomeOf(login(authOf(uaa, { ...over, tls: { ca } }), 'jane', JANE.password))).toBe('authenticated')
  })

  it('by those that Node trusts where none is named; no password gets out otherwise', async () => {
    const uaa = await standIn({ tls })
    expect(await outcomeOf(login(authOf(uaa, over), 'jane', JANE.password))).toMatch(/put its CA into tls.ca/)
    expect(uaa.requests).toEqual([])
  })

  it('by the name in the certificate', async () => {
    const uaa = await standIn({ tls })
    const named = (serverName: string) => authOf(uaa, { ...over, tls: { ca, serverName } })
    expect(await outcomeOf(login(named('uaa.test'), 'jane', JANE.password))).toBe('authenticated')
    expect(await outcomeOf(login(named('other.test'), 'jane', JANE.password))).toMatch(/certificate for another name/)
  })

  it('unless the operator gives it up, which warns', async () => {
    const uaa = await standIn({ tls })
    const auth = authOf(uaa, { ...over, tls: { insecureSkipVerify: true } })
    expect(await outcomeOf(login(auth, 'jane', JANE.password))).toBe('authenticated')
    expect(process.emitWarning).toHaveBeenCalledWith(expect.stringContaining('insecureSkipVerify'), expect.anything())
  })
})
