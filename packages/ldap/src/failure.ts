import { subCodeReason } from './result-codes.ts'
import type { BindAnswer } from './wire/bind.ts'
import type { SearchRefused } from './wire/connection.ts'
import { addressOf, type Server } from './wire/open-socket.ts'
import { WireError } from './wire/wire-error.ts'

/** Why the directory could not be asked, in words for the operator, and what mends it. */
export class DirectoryFailure extends Error {
  /** Waiting, or another configuration of lockkeeper or of the directory. */
  readonly remedy: 'wait' | 'configure'
  /** The option to look at. */
  readonly option: string

  constructor(remedy: 'wait' | 'configure', option: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DirectoryFailure'
    this.remedy = remedy
    this.option = option
  }
}

type Explanation = readonly [remedy: 'wait' | 'configure', option: string, message: string]

const UNTRUSTED = 'is signed by nobody who is trusted here; name its authority in tls.ca'

/** What Node says when a connection does not come about. */
// biome-ignore format: a table is read by column
const CONNECT_PROBLEMS: Readonly<Record<string, Explanation>> = {
  ENOTFOUND:                           ['configure', 'url', 'its name cannot be resolved; look for a slip in url, or at the DNS of this machine'],
  EAI_AGAIN:                           ['wait',      'url', 'its name cannot be resolved now: the DNS of this machine does not answer'],
  ECONNREFUSED:                        ['wait',      'url', 'it refuses connections; is the directory running, and is this its port?'],
  EHOSTUNREACH:                        ['wait',      'url', 'there is no way to it from here'],
  ENETUNREACH:                         ['wait',      'url', 'there is no way to it from here'],
  ETIMEDOUT:                           ['wait',      'url', 'it does not answer; is a firewall between?'],
  ECONNRESET:                          ['wait',      'url', 'it hung up before TLS was agreed on; is this the port of ldap://? Then write ldap:// and startTls: true'],
  ERR_TLS_CERT_ALTNAME_INVALID:        ['configure', 'tls.serverName', 'its certificate is for another name; write that name into url, or into tls.serverName'],
  DEPTH_ZERO_SELF_SIGNED_CERT:         ['configure', 'tls.ca', 'its certificate is self-signed; name it in tls.ca if it is the right one'],
  SELF_SIGNED_CERT_IN_CHAIN:           ['configure', 'tls.ca', `its certificate ${UNTRUSTED}`],
  UNABLE_TO_GET_ISSUER_CERT:           ['configure', 'tls.ca', `its certificate ${UNTRUSTED}`],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:   ['configure', 'tls.ca', `its certificate ${UNTRUSTED}`],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:     ['configure', 'tls.ca', `its certificate ${UNTRUSTED}`],
  CERT_HAS_EXPIRED:                    ['configure', 'tls',    'its certificate has expired; renew it at the directory'],
  CERT_NOT_YET_VALID:                  ['configure', 'tls',    'its certificate is not valid yet; look at the clocks'],
  ERR_SSL_WRONG_VERSION_NUMBER:        ['configure', 'url',    'it does not do TLS on this port; is it ldap:// with startTls: true?'],
  ERR_SSL_PACKET_LENGTH_TOO_LONG:      ['configure', 'url',    'it does not do TLS on this port; is it ldap:// with startTls: true?'],
  ERR_SSL_UNSUPPORTED_PROTOCOL:        ['configure', 'tls.minVersion', 'it has no version of TLS that is allowed here'],
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: ['configure', 'tls.minVersion', 'it has no version of TLS that is allowed here'],
}

/** Why no connection to a server came about. */
export function connectFailure(server: Server, error: unknown): DirectoryFailure {
  const [remedy, option, why] = explainConnect(error)
  return new DirectoryFailure(remedy, option, `cannot use ${addressOf(server)}: ${why}`, { cause: error })
}

function explainConnect(error: unknown): Explanation {
  if (error instanceof WireError) {
    const remedy = error.fault === 'starttls_refused' ? 'configure' : 'wait'
    return [remedy, remedy === 'configure' ? 'startTls' : 'url', error.message]
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const known = Object.hasOwn(CONNECT_PROBLEMS, code) ? CONNECT_PROBLEMS[code] : undefined
  if (known === undefined) return ['wait', 'url', `the connection failed (${code || String(error)})`]
  const names = code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? namesIn(error) : undefined
  return names === undefined ? known : [known[0], known[1], `${known[2]} (it is for ${names})`]
}

/** The names a certificate is for, as Node shows them; from outside, so escaped and cut. */
function namesIn(error: unknown): string | undefined {
  const certificate: unknown = error instanceof Error && 'cert' in error ? error.cert : undefined
  const names: unknown = certificate instanceof Object && 'subjectaltname' in certificate && certificate.subjectaltname
  return typeof names === 'string' ? JSON.stringify(names.slice(0, 200)).slice(1, -1) : undefined
}

/** Why a connection that was open gave no answer. */
export function operationFailure(server: Server, error: unknown): DirectoryFailure {
  const why = error instanceof WireError ? error.message : 'the connection broke'
  return new DirectoryFailure('wait', 'url', `${addressOf(server)}: ${why}`, { cause: error })
}

/** Why the search account did not get in. */
export function searchAccountFailure(server: Server, bindDn: string, answer: BindAnswer): DirectoryFailure {
  const { resultCode, diagnostic } = answer
  const account = `the search account ${bindDn}`
  const what = `${account} is refused by ${addressOf(server)}`
  const state = subCodeReason(resultCode, diagnostic)
  if (resultCode === 8 || resultCode === 13) {
    return new DirectoryFailure(
      'configure',
      'url',
      `${addressOf(server)} takes passwords over TLS alone; use ldaps:// or startTls`,
    )
  }
  if (resultCode === 51 || resultCode === 52) {
    return new DirectoryFailure('wait', 'url', `${addressOf(server)} is too busy or shutting down (code ${resultCode})`)
  }
  if (state !== undefined && state !== 'bad_credentials') {
    return new DirectoryFailure(
      'configure',
      'bindDn',
      `${what}: ${state.replaceAll('_', ' ')}; mend it in the directory`,
    )
  }
  return new DirectoryFailure(
    'configure',
    'bindPassword',
    `${what} (code ${resultCode}); check bindDn and bindPassword`,
  )
}

/** What a directory says when a search cannot be done. */
// biome-ignore format: a table is read by column
const SEARCH_PROBLEMS: ReadonlyMap<number, Explanation> = new Map<number, Explanation>([
  [1,  ['configure', 'bindDn', 'it wants a bind first; give bindDn and bindPassword']], // Active Directory's answer
  [3,  ['wait',      'timeouts.operationMs', 'it took too long; are the searched attributes indexed?']],
  [10, ['configure', 'baseDn', 'the base is held by another server, and referrals are not followed']],
  [11, ['configure', 'baseDn', 'the search goes beyond what the search account may ask']],
  [32, ['configure', 'baseDn', 'there is no such entry, or the search account may not see it']],
  [34, ['configure', 'baseDn', 'it takes the base for no distinguished name']],
  [50, ['configure', 'bindDn', 'the search account may not search there']],
  [51, ['wait',      'url',    'it is too busy']],
  [52, ['wait',      'url',    'it is shutting down']],
  [53, ['configure', 'bindDn', 'it does not search for whoever did not bind; give bindDn and bindPassword']],
])

/** Why a search was refused. */
export function searchFailure(server: Server, base: string, refusal: SearchRefused): DirectoryFailure {
  const known = SEARCH_PROBLEMS.get(refusal.resultCode)
  const [remedy, option, why] = known ?? (['wait', 'url', `it answers with code ${refusal.resultCode}`] as const)
  const where = `${addressOf(server)} cannot search below ${base === '' ? 'its root' : base}`
  return new DirectoryFailure(remedy, option, `${where}: ${why}`, { cause: refusal })
}
