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
export async function openSocket(server: Server, tls: TlsSettings, limits: Limits): Promise<Socket> {
  const opened: Socket[] = []
  const { promise: interrupted, reject } = Promise.withResolvers<never>()
  const late = (): void => {
    reject(new WireError(limits.whenLate, `no connection within ${Math.round(limits.timeoutMs)} ms`))
  }
  const timer = setTimeout(late, limits.timeoutMs)
  const abort = (): void => reject(new WireError('aborted', 'the time budget ended while connecting'))
  limits.signal.addEventListener('abort', abort, { once: true })
  try {
    if (limits.signal.aborted) abort()
    return await Promise.race([open(server, tls, opened), interrupted])
  } catch (error) {
    for (const socket of opened) socket.destroy()
    throw error
  } finally {
    clearTimeout(timer)
    limits.signal.removeEventListener('abort', abort)
  }
}

async function open(server: Server, tls: TlsSettings, opened: Socket[]): Promise<Socket> {
  const { host, port, security } = server
  const target = { host, port, noDelay: true }
  const checks = { secureContext: tls.context, ...nameChecks(host, tls) }
  if (security === 'tls') return await ready(connectTls({ ...target, ...checks }), 'secureConnect', opened)
  const plain = await ready(connect(target), 'connect', opened)
  if (security === 'none') return plain
  await agreeOnTls(plain)
  return await ready(connectTls({ socket: plain, ...checks }), 'secureConnect', opened)
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

async function ready<S extends Socket>(socket: S, event: 'connect' | 'secureConnect', opened: Socket[]): Promise<S> {
  opened.push(socket)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onClose = (): void => reject(new WireError('lost', 'the connection was closed before it was ready'))
  // The error listener stays: a socket that is given up may still fail, and nobody would be listening.
  socket.once(event, resolve).on('error', reject).once('close', onClose)
  await promise.finally(() => socket.off('close', onClose))
  return socket
}
