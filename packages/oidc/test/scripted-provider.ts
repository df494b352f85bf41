import { once } from 'node:events'
import { createServer } from 'node:http'
import { CompactSign, exportJWK, generateKeyPair, type JWK } from 'jose'

/** What the provider answers to one request. */
export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON unless it is text. */
  readonly body?: unknown
}

/** A key pair of the provider. */
export interface ScriptedKey {
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

/** Makes a key pair; the public half says its id and algorithm unless a test takes that away. */
export async function makeKey(alg: string, kid: string): Promise<ScriptedKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

/** Signs whatever it is given, also what no honest provider would. */
export const sign = (
  claims: unknown,
  header: { alg: string; kid?: string; typ?: string },
  { privateKey }: ScriptedKey,
) => new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader(header).sign(privateKey)

/** A provider that says what a test tells it to say. */
export interface ScriptedProvider {
  readonly issuer: string
  /** Answers by path. A test replaces them at any time. */
  readonly routes: Map<string, (request: { body: string; headers: NodeJS.Dict<string | string[]> }) => Answer>
  count(path: string): number
  stop(): Promise<void>
}

/** Starts a provider whose discovery document is right, and that has no other answer yet. */
export async function startScriptedProvider(): Promise<ScriptedProvider> {
  const counts = new Map<string, number>()
  const routes: ScriptedProvider['routes'] = new Map()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const path = new URL(request.url ?? '/', 'http://provider.test').pathname
    counts.set(path, (counts.get(path) ?? 0) + 1)
    const answer = routes.get(path)?.({ body, headers: request.headers }) ?? { status: 404 }
    const isText = typeof answer.body === 'string'
    response.writeHead(answer.status ?? 200, {
      'content-type': isText ? 'text/plain' : 'application/json',
      ...answer.headers,
    })
    response.end(isText ? answer.body : JSON.stringify(answer.body ?? {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const issuer = `http://127.0.0.1:${address.port}`
  routes.set('/.well-known/openid-configuration', () => ({ body: discoveryOf(issuer) }))
  return {
    issuer,
    routes,
    count: (path) => counts.get(path) ?? 0,
    async stop() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** The discovery document that the scripted provider serves. */
export const discoveryOf = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  userinfo_endpoint: `${issuer}/userinfo`,
  end_session_endpoint: `${issuer}/logout`,
  authorization_response_iss_parameter_supported: true,
  id_token_signing_alg_values_supported: ['RS256', 'ES256'],
})
