import type { ServerOptions } from 'node:https'
import tls, { type TLSSocket } from 'node:tls'
import { beforeAll, describe, expect, it } from 'vitest'
import { type HttpBackendTls, Secret } from '../src/index.ts'
import { type Certificates, type KeyPair, makeCertificates } from './certificates.ts'
import { backend, call, failure, httpServer, tlsServer } from './http-backend-house.ts'

let certificates: Certificates
beforeAll(async () => {
  certificates = await makeCertificates()
})

async function ask(server: ServerOptions, tls: HttpBackendTls, host = 'localhost') {
  const requests: { servername: unknown; client: string | undefined }[] = []
  const { port } = await tlsServer(server, (request, response) => {
    const socket = request.socket as TLSSocket
    const { CN } = socket.getPeerCertificate().subject ?? {}
    requests.push({ servername: socket.servername, client: [CN].flat()[0] })
    response.end('ok')
  })
  const answer = backend({ url: `https://${host}:${port}`, tls }).send({ body: 'password=canary' }, call)
  return { answer, requests }
}

describe('UAA-03: TLS', () => {
  it.each(['localhost', '127.0.0.1'])('trusts the CA it is given, for the name it asked: %s', async (host) => {
    const { answer } = await ask(certificates.good, { ca: certificates.ca }, host)
    expect((await answer).text()).toBe('ok')
  })

  it.each<[string, (all: Certificates) => KeyPair, boolean, string, string]>([
    ['a CA that nobody named', (all) => all.good, false, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls.ca'],
    ['itself', (all) => all.selfSigned, true, 'DEPTH_ZERO_SELF_SIGNED_CERT', 'tls.ca'],
    ['the right CA, for another name', (all) => all.otherName, true, 'ERR_TLS_CERT_ALTNAME_INVALID', 'tls.serverName'],
    ['the right CA, long ago', (all) => all.expired, true, 'CERT_HAS_EXPIRED', 'expired'],
  ])('sends nothing to a backend whose certificate is from %s', async (_whom, pick, withCa, code, hint) => {
    const { answer, requests } = await ask(pick(certificates), withCa ? { ca: certificates.ca } : {})
    const error = await failure(answer)
    expect(error).toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE', backend: 'uaa_auth', cause: { code } })
    expect(error.message).toContain(hint)
    expect(requests).toEqual([])
  })

  it('trusts a certificate that is named itself, for its own name, and no other that its issuer made', async () => {
    const { good, otherName } = certificates
    const pinned = await ask(good, { ca: good.cert })
    expect((await pinned.answer).text()).toBe('ok')
    const sibling = await ask(otherName, { ca: good.cert, serverName: 'backend.test' })
    expect((await failure(sibling.answer)).message).toContain('tls.ca')
    const misnamed = await ask(otherName, { ca: otherName.cert })
    expect((await failure(misnamed.answer)).message).toContain('another name')
    expect([...sibling.requests, ...misnamed.requests]).toEqual([])
  })

  it('checks the certificate for the server name it is given instead of the host', async () => {
    const { ca, otherName, good } = certificates
    const named = await ask(otherName, { ca, serverName: 'backend.test' }, '127.0.0.1')
    expect((await named.answer).text()).toBe('ok')
    expect(named.requests[0]?.servername).toBe('backend.test')
    const wrong = await ask(good, { ca, serverName: 'backend.test' }, '127.0.0.1')
    expect((await failure(wrong.answer)).message).toContain('another name')
  })

  it.each<keyof Certificates & ('expired' | 'otherName' | 'selfSigned')>(['expired', 'otherName', 'selfSigned'])(
    'talks to a backend with a certificate that is %s only when told to skip the check',
    async (kind) => {
      const { answer } = await ask(certificates[kind], { insecureSkipVerify: true })
      expect((await answer).text()).toBe('ok')
    },
  )

  it('is checked whatever Node’s own switch in the environment says', async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    try {
      const { answer } = await ask(certificates.selfSigned, {})
      expect((await failure(answer)).message).toContain('tls.ca')
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    }
  })

  it('shows its client certificate where it has one', async () => {
    const { ca, good, client } = certificates
    const mutual = { ...good, ca, requestCert: true, rejectUnauthorized: true }
    const known = await ask(mutual, { ca, certificate: client.cert, key: new Secret(client.key) })
    expect((await known.answer).text()).toBe('ok')
    expect(known.requests[0]?.client).toBe('client')
    const unknown = await ask(mutual, { ca })
    expect(await failure(unknown.answer)).toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    expect(unknown.requests).toEqual([])
  })

  it.each<['TLSv1' | 'TLSv1.1']>([['TLSv1'], ['TLSv1.1']])('does not speak %s', async (version) => {
    const ciphers = tls.DEFAULT_CIPHERS
    // As with Node's own switches for old servers: both ends could, and ours must not.
    tls.DEFAULT_CIPHERS = 'DEFAULT@SECLEVEL=0'
    try {
      const old = { ...certificates.good, minVersion: version, maxVersion: version }
      const { answer, requests } = await ask(old, { ca: certificates.ca })
      expect((await failure(answer)).message).toContain('TLS 1.2 or later')
      expect(requests).toEqual([])
    } finally {
      tls.DEFAULT_CIPHERS = ciphers
    }
  })

  it('says so when the port speaks no TLS at all', async () => {
    const { port } = await httpServer((_request, response) => response.end('ok'))
    const error = await failure(backend({ url: `https://localhost:${port}` }).send({}, call))
    expect(error.message).toContain('does not speak TLS')
  })

  it('takes several CAs', async () => {
    const { answer } = await ask(certificates.good, { ca: [certificates.selfSigned.cert, certificates.ca] })
    expect((await answer).text()).toBe('ok')
  })
})
