import { randomBytes, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'

/** Somebody whom the stand-in knows. */
export interface UaaPerson {
  readonly username: string
  readonly password: string
  readonly scopes: readonly string[]
  readonly origin?: string
}

/** Options of {@link startUaaStandIn}. */
export interface UaaStandInOptions {
  readonly people: readonly UaaPerson[]
  /** Serves https with this certificate. */
  readonly tls?: ServerOptions
  /** Locks somebody after so many wrong passwords in a row; never unless said. */
  readonly lockAfterFailures?: number
}

/** A request that the stand-in got. */
export interface SeenRequest {
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly form: URLSearchParams
}

/** What stands in for a UAA where the real one is not, and gives answers that a real one would not. */
export interface UaaStandIn {
  readonly url: string
  /** The client with the grants `password` and `client_credentials`; a test may change its secret or its grants. */
  readonly client: { id: string; secret: string; grants: string[]; authorities: string[] }
  readonly requests: readonly SeenRequest[]
  /** Passwords tried since the start. */
  readonly passwordsTried: number
  /** Answers requests for a path in its place, until it is called again. */
  answer(path: string, listener?: RequestListener): void
  /** Refuses connections until `open`. */
  close(): Promise<void>
  open(): Promise<void>
}

type Form = URLSearchParams
interface Person extends UaaPerson {
  readonly id: string
  failures: number
}

/**
 * Starts a small server that answers as UAA 4.30 was seen to answer: the same statuses and texts for wrong passwords,
 * wrong clients, locked accounts, missing grants and missing scopes. Tokens are opaque.
 */
export async function startUaaStandIn(options: UaaStandInOptions): Promise<UaaStandIn> {
  const people = options.people.map((person): Person => ({ ...person, id: randomUUID(), failures: 0 }))
  const client = {
    id: 'registry',
    secret: 's%cret+1&=',
    grants: ['password', 'client_credentials'],
    authorities: ['scim.read'],
  }
  const requests: SeenRequest[] = []
  const tokens = new Map<string, Person | 'client'>()
  const answers = new Map<string, RequestListener>()
  const { lockAfterFailures = Number.POSITIVE_INFINITY } = options
  let passwordsTried = 0

  function token(form: Form): Reply {
    if (form.get('client_id') !== client.id || form.get('client_secret') !== client.secret) return BAD_CREDENTIALS
    const grant = form.get('grant_type') ?? ''
    const isGranted = client.grants.includes(grant)
    const notGranted = refusal(401, 'invalid_client', `Unauthorized grant type: ${grant}`)
    if (grant === 'client_credentials') return isGranted ? granted('client', client.authorities) : notGranted
    passwordsTried += 1
    const { origin } = JSON.parse(form.get('login_hint') ?? '{}')
    if (origin !== undefined && !people.some((one) => (one.origin ?? 'uaa') === origin)) {
      const text = 'The origin provided in the login_hint does not match an active Identity Provider'
      return refusal(401, 'unauthorized', `${text}, that supports password grant.`)
    }
    const person = people.find((one) => isNamed(one, form.get('username')) && isOf(one, origin))
    if (person === undefined) return BAD_CREDENTIALS
    if (person.failures >= lockAfterFailures) return LOCKED
    if (person.password !== form.get('password')) {
      person.failures += 1
      return BAD_CREDENTIALS
    }
    person.failures = 0
    // Only a right password gets to hear that the client may not ask with it.
    return isGranted ? granted(person, person.scopes) : notGranted
  }

  function granted(whom: Person | 'client', scopes: readonly string[]): Reply {
    const value = randomBytes(16).toString('hex')
    tokens.set(value, whom)
    return {
      status: 200,
      json: { access_token: value, token_type: 'bearer', expires_in: 43_199, scope: scopes.join(' '), jti: value },
    }
  }

  function userInfo(whom: Person | 'client' | undefined): Reply {
    if (whom === undefined || whom === 'client') return refusal(401, 'invalid_token', 'The token expired')
    if (!whom.scopes.includes('openid')) return INSUFFICIENT_SCOPE
    const { id, username } = whom
    const name = `${username} of UAA`
    const email = `${username}@example.test`
    return { status: 200, json: { user_id: id, user_name: username, name, email, email_verified: true, sub: id } }
  }

  function search(path: string, whom: Person | 'client' | undefined, query: URLSearchParams): Reply {
    if (whom !== 'client') return refusal(401, 'invalid_token', 'The token expired')
    if (!client.authorities.includes('scim.read')) return INSUFFICIENT_SCOPE
    const wanted = readFilter(query.get('filter') ?? '')
    if (wanted === undefined) return { status: 400, json: { error: 'scim', message: 'Invalid filter expression' } }
    const { userName, displayName, origin } = wanted
    const found =
      path === '/Users'
        ? people
            .filter((one) => isNamed(one, userName) && isOf(one, origin))
            .map(({ id, username }) => ({
              id,
              userName: username,
              name: { givenName: username, familyName: 'of UAA' },
              emails: [{ value: `${username}@example.test`, primary: false }],
              active: true,
            }))
        : [...new Set(people.flatMap(({ scopes }) => scopes))]
            .filter((scope) => scope.toLowerCase() === displayName?.toLowerCase())
            .map((scope) => ({ displayName: scope }))
    const resources = found.slice(0, Number(query.get('count') ?? 100))
    return { status: 200, json: { resources, startIndex: 1, itemsPerPage: 100, totalResults: found.length } }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://uaa')
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const form = new URLSearchParams(body)
    requests.push({ path: url.pathname, query: url.searchParams, headers: request.headers, form })
    const instead = answers.get(url.pathname)
    if (instead) return void instead(request, response)
    const whom = tokens.get(request.headers.authorization?.replace(/^Bearer /, '') ?? '')
    if (url.pathname === '/oauth/token') return send(response, token(form))
    if (url.pathname === '/userinfo') return send(response, userInfo(whom))
    if (url.pathname === '/Users' || url.pathname === '/Groups') {
      return send(response, search(url.pathname, whom, url.searchParams))
    }
    send(response, { status: 404, json: { error: 'not_found' } })
  }

  const listener: RequestListener = (request, response) => void serve(request, response).catch(() => response.destroy())
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener)
  server.on('tlsClientError', () => {})
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo

  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    client,
    requests,
    get passwordsTried() {
      return passwordsTried
    },
    answer: (path, instead) => void (instead ? answers.set(path, instead) : answers.delete(path)),
    open: () => (server.listening ? Promise.resolve() : listen(port)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Reply {
  readonly status: number
  readonly json: unknown
  readonly challenge?: string
}

function send(response: ServerResponse, { status, json, challenge }: Reply): void {
  response.writeHead(status, {
    'content-type': 'application/json;charset=UTF-8',
    ...(challenge !== undefined && { 'www-authenticate': challenge }),
  })
  response.end(JSON.stringify(json))
}

function refusal(status: number, error: string, description: string): Reply {
  return {
    status,
    json: { error, error_description: description },
    challenge: `Basic realm="UAA/client", error="${error}", error_description="${description}"`,
  }
}

/** Of a wrong password, an unknown person, a wrong client secret and an unknown client. */
const BAD_CREDENTIALS = refusal(401, 'unauthorized', 'Bad credentials')
const LOCKED = refusal(
  401,
  'unauthorized',
  'Your account has been locked because of too many failed attempts to login.',
)
const INSUFFICIENT_SCOPE = refusal(403, 'insufficient_scope', 'Insufficient scope for this resource')

const isNamed = ({ username }: UaaPerson, name: string | null | undefined): boolean =>
  username.toLowerCase() === name?.toLowerCase()
const isOf = (person: UaaPerson, origin: string | undefined): boolean =>
  origin === undefined || (person.origin ?? 'uaa') === origin

const TERM = /^(userName|displayName|origin) eq ("(?:[^"\\]|\\.)*")$/

/** `userName eq "jane" and origin eq "uaa"`; what has another form is no filter. */
function readFilter(filter: string): Partial<Record<string, string>> | undefined {
  const terms = filter.split(/ and (?=origin eq "[^"]*"$)/).map((term) => TERM.exec(term))
  if (terms.includes(null)) return undefined
  return Object.fromEntries(terms.map((term) => [term?.[1], JSON.parse(term?.[2] ?? '""')]))
}
