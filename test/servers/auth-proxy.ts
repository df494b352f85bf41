import { randomBytes } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'

/** Somebody whom the proxy knows. */
export interface ProxyPerson {
  readonly username: string
  readonly password: string
  readonly uid?: string
  readonly groups?: readonly string[]
}

/** Options of {@link startAuthProxy}. */
export interface AuthProxyOptions {
  readonly people: readonly ProxyPerson[]
  readonly tls: ServerOptions
  /** Whoever shows this may review tokens; else one shows the token itself. */
  readonly reviewerToken?: string
  /** Whom its tokens are meant for. */
  readonly audiences?: readonly string[]
}

/** A request that the proxy got. */
export interface ProxyRequest {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** An authenticating proxy on https: passwords, token reviews as Kubernetes answers them, and a page for browsers. */
export interface AuthProxy {
  readonly loginUrl: string
  /** Where token reviews of a version are made. */
  reviewUrl(version?: 'v1' | 'v1beta1'): string
  /** Signs in whoever {@link AuthProxy.signedIn} is, and sends them back to `redirect_uri`. */
  readonly pageUrl: string
  /** Who has a session with the proxy in the browser. */
  signedIn: string
  readonly requests: readonly ProxyRequest[]
  /** Passwords tried since the start. */
  readonly passwordsTried: number
  /** A fresh token of somebody. */
  tokenOf(username: string): string
  /** Ends all tokens. */
  endTokens(): void
  /** Answers requests for a URL in its place, until it is called again. */
  answer(url: string, listener?: RequestListener): void
  /** Refuses connections until `open`. */
  close(): Promise<void>
  open(): Promise<void>
}

const REVIEWS = /^\/apis\/authentication\.k8s\.io\/(v1|v1beta1)\/tokenreviews$/

/** @see {@link https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/ | TokenReview} */
export async function startAuthProxy(options: AuthProxyOptions): Promise<AuthProxy> {
  const { people, reviewerToken, audiences = ['https://kubernetes.default.svc'] } = options
  const tokens = new Map<string, ProxyPerson>()
  const requests: ProxyRequest[] = []
  const answers = new Map<string, RequestListener>()
  let passwordsTried = 0
  let signedIn = people[0]?.username ?? ''

  function issue(person: ProxyPerson): string {
    const token = `session.${randomBytes(24).toString('base64url')}`
    tokens.set(token, person)
    return token
  }
  function tokenOf(username: string): string {
    const person = people.find((one) => one.username === username)
    if (person === undefined) throw new TypeError(`the proxy knows no ${username}`)
    return issue(person)
  }

  function login(headers: IncomingMessage['headers']): Reply {
    passwordsTried += 1
    const credentials = Buffer.from(headers.authorization?.replace(/^Basic /, '') ?? '', 'base64').toString()
    const person = people.find(({ username, password }) => `${username}:${password}` === credentials)
    return person ? { status: 200, json: { session_id: issue(person) } } : { status: 401, json: { error: 'wrong' } }
  }

  function review(version: string, headers: IncomingMessage['headers'], body: string): Reply {
    const apiVersion = `authentication.k8s.io/${version}`
    const question = JSON.parse(body)
    const shown = headers.authorization?.replace(/^Bearer /, '') ?? ''
    if (reviewerToken === undefined ? !tokens.has(shown) : shown !== reviewerToken) return UNAUTHORIZED
    if (question.apiVersion !== apiVersion || question.kind !== 'TokenReview') return BAD_REQUEST
    const { token, audiences: wanted } = question.spec
    const person = tokens.get(token)
    const meant = wanted === undefined ? audiences : audiences.filter((one) => wanted.includes(one))
    const status =
      person && meant.length > 0
        ? { authenticated: true, user: userOf(person), audiences: meant }
        : { user: {}, error: '[invalid bearer token, Token has been invalidated]' }
    const metadata = { creationTimestamp: null }
    return { status: 201, json: { kind: 'TokenReview', apiVersion, metadata, spec: question.spec, status } }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://proxy')
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const { headers } = request
    requests.push({ path: url.pathname, headers, body })
    const instead = answers.get(url.pathname)
    if (instead) return void instead(request, response)
    const version = REVIEWS.exec(url.pathname)?.[1]
    if (version !== undefined) return send(response, review(version, headers, body))
    if (url.pathname === '/login/') return send(response, login(headers))
    const back = url.pathname === '/signin' ? URL.parse(url.searchParams.get('redirect_uri') ?? '') : null
    if (back === null) return send(response, { status: 404, json: {} })
    back.searchParams.set('token', tokenOf(signedIn))
    response.writeHead(302, { location: back.href }).end()
  }

  const server = createServer(options.tls, (request, response) => {
    void serve(request, response).catch(() => response.destroy())
  })
  server.on('tlsClientError', () => {})
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo
  const base = `https://127.0.0.1:${port}`

  return {
    loginUrl: `${base}/login/`,
    reviewUrl: (version = 'v1') => `${base}/apis/authentication.k8s.io/${version}/tokenreviews`,
    pageUrl: `${base}/signin`,
    get signedIn() {
      return signedIn
    },
    set signedIn(username) {
      signedIn = username
    },
    requests,
    get passwordsTried() {
      return passwordsTried
    },
    tokenOf,
    endTokens: () => tokens.clear(),
    answer(url, instead) {
      const { pathname } = new URL(url)
      if (instead) answers.set(pathname, instead)
      else answers.delete(pathname)
    },
    open: () => (server.listening ? Promise.resolve() : listen(port)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const userOf = ({ username, uid, groups = [] }: ProxyPerson) => ({
  username,
  ...(uid !== undefined && { uid }),
  groups: [...groups, 'system:authenticated'],
  extra: { 'authentication.kubernetes.io/credential-id': ['JTI=1'] },
})

interface Reply {
  readonly status: number
  readonly json: unknown
}

function send(response: ServerResponse, { status, json }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
}

const failure = (code: number, reason: string): Reply => ({
  status: code,
  json: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: reason, reason, code },
})
const UNAUTHORIZED = failure(401, 'Unauthorized')
const BAD_REQUEST = failure(400, 'BadRequest')
