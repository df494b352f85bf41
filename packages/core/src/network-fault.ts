import { UnusableAnswer } from './http-exchange.ts'

const EXPLANATIONS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'refuses connections; check that it runs and that the port is right'],
  ['ENOTFOUND', 'has a host name that cannot be resolved; check the URL'],
  ['EAI_AGAIN', 'has a host name that cannot be resolved now; check the name server'],
  ['ECONNRESET', 'closed the connection before its answer was complete'],
  ['EPIPE', 'closed the connection before its answer was complete'],
  ['ETIMEDOUT', 'cannot be reached; check the network and its firewalls'],
  ['EHOSTUNREACH', 'cannot be reached; check the network and its firewalls'],
  ['ENETUNREACH', 'cannot be reached; check the network and its firewalls'],
  ['CERT_HAS_EXPIRED', 'shows a certificate that has expired; renew it there'],
  ['CERT_NOT_YET_VALID', 'shows a certificate that is not valid yet; check the clocks'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'shows a certificate for another name; check the URL, or set tls.serverName'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'shows a certificate of an unknown issuer; put its CA into tls.ca'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'shows a certificate of an unknown issuer; put its CA into tls.ca'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'shows a certificate of an unknown issuer; put its CA into tls.ca'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'shows a certificate of an unknown issuer; put its CA into tls.ca'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'shows a certificate of an unknown issuer; put its CA into tls.ca'],
  ['EPROTO', 'does not speak TLS 1.2 or later on this port'],
])

/** What went wrong between us and a backend, in words for the operator; never a word of the backend's own. */
export function explainFault(error: unknown): string {
  if (error instanceof UnusableAnswer) return error.message
  const code = codeOf(error)
  if (code.startsWith('HPE_')) return 'answers with something that is not HTTP'
  if (code.startsWith('ERR_SSL_')) return 'does not speak TLS 1.2 or later on this port, or wants a client certificate'
  return EXPLANATIONS.get(code) ?? 'cannot be asked'
}

/** Node hangs the raw bytes of an answer it cannot parse on the error, where a log would print them. */
export function withoutPayload(error: unknown): unknown {
  if (typeof error === 'object' && error !== null && 'rawPacket' in error) delete error.rawPacket
  return error
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
