import { connect, isIP, type Socket } from 'node:net'
import { checkServerIdentity, connect as connectTls, type SecureContext } from 'node:tls'
import type { Limits } from '../budget.ts'
import { agreeOnTls } from './start-tls.ts'
import { WireError } from './wire-error.ts'

/** One directory server. */
export interface Server {
  readonly host: string
  readonly port: number
  /** TLS from the first byte, TLS after StartTLS, or none. */
  readonly security: 'tls' | 'starttls' | 'none'
}

/** How TLS is done with every server. */
export interface TlsSettings {
  readonly context: SecureContext
  /** The name the certificate must be for; the server's host where absent. */
  readonly serverName?: string | undefined
  readonly insecureSkipVerify: boolean
}

/** Host and port as a person writes them. */
export const addressOf = ({ host, port }: Server): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

/**
 * Connects, and does everything that TLS needs, within one time limit.
 *
 * @throws {WireError} or what Node's sockets throw; no socket is left then.
 */
export function openSocket(server: Server, tls: TlsSettings, limits: Limits): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const opened: Socket[] = []
  const fail = (error: unknown): void => {
    for (const socket of opened) socket.destroy()
    reject(error)
  }
  const late = (): void =>
    fail(new WireError(limits.whenLate, `no connection within ${Math.round(limits.timeoutMs)} ms`))
  const abort = (): void => fail(new WireError('aborted', 'the time budget ended while connecting'))
  /** Waits until a socket is ready. Its error listener stays, since a socket that is given up may still fail. */
  const whenReady = (socket: Socket, event: 'connect' | 'secureConnect', then: (socket: Socket) => void): void => {
    opened.push(socket)
    const onClose = (): void => fail(new WireError('lost', 'the connection was closed before it was ready'))
    socket.on('error', fail).once('close', onClose)
    socket.once(event, () => then(socket.off('close', onClose)))
  }

  const { host, port, security } = server
  const target = { host, port, noDelay: true }
  const checks = { secureContext: tls.context, ...nameChecks(host, tls) }
  const timer = setTimeout(late, limits.timeoutMs)
  limits.signal.addEventListener('abort', abort, { once: true })
  if (limits.signal.aborted) abort()
  else if (security === 'tls') whenReady(connectTls({ ...target, ...checks }), 'secureConnect', resolve)
  else if (security === 'none') whenReady(connect(target), 'connect', resolve)
  else {
    whenReady(connect(target), 'connect', (plain) => {
      const upgrade = (): void => whenReady(connectTls({ socket: plain, ...checks }), 'secureConnect', resolve)
      agreeOnTls(plain).then(upgrade).catch(fail)
    })
  }
  return promise.finally(() => {
    clearTimeout(timer)
    limits.signal.removeEventListener('abort', abort)
  })
}

/**
 * The expected name is always said in full: what Node falls back to when it is told none depends on how the socket came
 * to be.
 */
function nameChecks(host: string, { serverName: name = host, insecureSkipVerify }: TlsSettings) {
  return {
    // An address cannot be asked for by name (RFC 6066 section 3); the certificate is checked for it all the same.
    servername: isIP(name) ? '' : name,
    rejectUnauthorized: !insecureSkipVerify,
    checkServerIdentity: (_: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
      checkServerIdentity(name, certificate),
  }
}
