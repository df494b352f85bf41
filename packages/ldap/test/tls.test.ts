import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import type { Certificates } from '../../../test/servers/certificates.ts'
import { requires } from '../../../test/servers/requirements.ts'
import type { LdapAuthOptions, LdapEvent } from '../src/index.ts'
import { call, login, outcomeOf, stubAuth } from './logins.ts'
import { oddCertificates } from './odd-certificates.ts'
import { certificates, oneJane, type StubDirectory, startStub } from './stub-directory.ts'

const need = requires('openssl')
describe.skipIf(need.skip)(`TLS to a directory${need.note}`, () => {
  let stub: StubDirectory | undefined
  afterEach(() => stub?.close())

  /** Logs in over StartTLS, where the stub shows `shown` and `trusted` are the options. */
  async function logIn(shown: Certificates, options: LdapAuthOptions['tls'], more: Partial<LdapAuthOptions> = {}) {
    stub = await startStub(oneJane, { tls: shown })
    const auth = stubAuth(stub.url, { startTls: true, tls: options, ...more })
    try {
      return await login(auth, 'jane', 'jane-secret').then(({ outcome }) => outcome)
    } finally {
      await auth[Symbol.asyncDispose]()
    }
  }
  const onlyRequests = () => stub?.requests.map(({ operation }) => operation.toString(16))

  it('LDP-06: refuses an authority that nobody named', async () => {
    await expect(logIn(await certificates(), {})).rejects.toThrow('name its authority in tls.ca')
    expect(onlyRequests()).toEqual(['77'])
  })

  it('LDP-06: refuses a certificate that vouches for itself', async () => {
    const shown = await oddCertificates({ subject: 'IP:127.0.0.1', selfSigned: true })
    await expect(logIn(shown, { ca: readFileSync(shown.ca, 'utf8') })).rejects.toThrow('its certificate is self-signed')
    expect(onlyRequests()).toEqual(['77'])
  })

  it('LDP-06: refuses a certificate that has expired', async () => {
    const shown = await oddCertificates({ subject: 'IP:127.0.0.1', days: -1 })
    await expect(logIn(shown, { ca: readFileSync(shown.ca, 'utf8') })).rejects.toThrow('its certificate has expired')
    expect(onlyRequests()).toEqual(['77'])
  })

  it('LDP-06: refuses a certificate for localhost when the directory is named by its address', async () => {
    const shown = await oddCertificates({ subject: 'DNS:localhost' })
    await expect(logIn(shown, { ca: readFileSync(shown.ca, 'utf8') })).rejects.toThrow(
      'its certificate is for another name',
    )
    expect(onlyRequests()).toEqual(['77'])
  })

  it('LDP-06: says for which names a certificate is', async () => {
    const shown = await oddCertificates({ subject: 'DNS:ldap.example.com,IP:192.0.2.1' })
    const login = logIn(shown, { ca: readFileSync(shown.ca, 'utf8') })
    await expect(login).rejects.toThrow('it is for DNS:ldap.example.com, IP Address:192.0.2.1')
  })

  it('LDP-06: checks for another name than the address when told so', async () => {
    const shown = await oddCertificates({ subject: 'DNS:ldap.example.com' })
    const ca = readFileSync(shown.ca, 'utf8')
    expect(await logIn(shown, { ca, serverName: 'ldap.example.com' })).toBe('authenticated')
    await stub?.close()
    await expect(logIn(shown, { ca, serverName: 'ldap.example.org' })).rejects.toThrow('for another name')
  })

  it('LDP-06: skips all of this by one option with a telling name, and says so at once', async () => {
    const shown = await oddCertificates({ subject: 'DNS:elsewhere', selfSigned: true })
    const events: LdapEvent[] = []
    const onEvent = (event: LdapEvent) => events.push(event)
    expect(await logIn(shown, { insecureSkipVerify: true }, { onEvent })).toBe('authenticated')
    expect(events).toEqual([
      {
        mode: 'ldap_auth',
        type: 'insecure',
        message: 'tls.insecureSkipVerify: whoever answers is taken for the directory',
      },
    ])
  })

  it('LDP-06: refuses TLS 1.1', async () => {
    const shown = await certificates()
    const old = createServer({
      key: readFileSync(shown.key),
      cert: readFileSync(shown.certificate),
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'ALL:@SECLEVEL=0',
    }).on('tlsClientError', () => {})
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve))
    const { port } = old.address() as AddressInfo
    const auth = stubAuth(`ldaps://127.0.0.1:${port}`, { tls: { ca: readFileSync(shown.ca, 'utf8') } })
    await expect(auth.ping?.(call)).rejects.toThrow('no version of TLS that is allowed here')
    await auth[Symbol.asyncDispose]()
    old.close()
  })

  it('refuses at once a key that is not the one of its certificate', async () => {
    const [ours, theirs] = [await certificates(), await certificates()]
    const tls = { certificate: readFileSync(ours.certificate, 'utf8'), key: readFileSync(theirs.key, 'utf8') }
    expect(() => stubAuth('ldaps://127.0.0.1', { tls })).toThrow('tls has a certificate and a key that cannot be used')
  })

  it('shows a certificate of its own where the directory asks for one', async () => {
    const [ours, theirs] = [await certificates(), await certificates()]
    const [key, cert, ca] = [readFileSync(theirs.key), readFileSync(theirs.certificate), readFileSync(ours.ca)]
    let seen: boolean | undefined
    const server = createServer({ key, cert, ca, requestCert: true, rejectUnauthorized: false }, (socket) => {
      seen = socket.authorized
      socket.destroy()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const tls = {
      ca: readFileSync(theirs.ca, 'utf8'),
      certificate: readFileSync(ours.certificate, 'utf8'),
      key: readFileSync(ours.key, 'utf8'),
    }
    const auth = stubAuth(`ldaps://127.0.0.1:${port}`, { tls })
    expect(await outcomeOf(login(auth, 'jane', 'jane-secret'))).toBe('ERR_BACKEND_UNAVAILABLE')
    expect(seen).toBe(true)
    await auth[Symbol.asyncDispose]()
    server.close()
  })
})
