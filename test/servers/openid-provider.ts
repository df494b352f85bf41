import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import Provider, { type Configuration } from 'oidc-provider'
import { freePort } from './free-port.ts'
import { type Cookies, signOut, walk } from './openid-browser.ts'
import { openIdConfiguration } from './openid-configuration.ts'
import { openIdStore } from './openid-store.ts'

/** What the provider says of a person beside the subject. */
export type Claims = Readonly<Record<string, unknown>>

/** Options of {@link startOpenIdProvider}. */
export interface OpenIdProviderOptions {
  /** Claims by subject. `jane`, in the groups `dev` and `ops`, by default. */
  readonly people?: Readonly<Record<string, Claims>>
  /** Where people may be sent after login; `http://127.0.0.1:8080/auth/oidc_auth/callback` by default. */
  readonly redirectUris?: readonly string[]
  readonly signedOutUris?: readonly string[]
  /** Where it posts that somebody signed out. */
  readonly backchannelLogoutUri?: string
  /** 60 by default. */
  readonly accessTokenSeconds?: number
}

/** A real OpenID provider in this process: refresh tokens work once, and using one twice ends all that came from it. */
export interface OpenIdProvider {
  readonly issuer: string
  readonly port: number
  readonly client: { readonly id: string; readonly secret: string }
  /** The people it knows; a test may change them at any time. Who is gone can neither log in nor refresh. */
  readonly people: Map<string, Claims>
  /** Who presses the button when nobody shows a form: the subject that signs in by itself, `deny` to refuse. */
  signIn: string | 'deny' | undefined
  /** How often a path was asked for since the start or the last `forget`. */
  count(path: string): number
  forget(): void
  /** Walks from a URL through login and consent as a browser would, to the first URL that is not the provider's. */
  walk(from: URL, cookies?: Cookies): Promise<URL>
  /** Signs out at the provider, as a person who opens its sign-out page and says yes. */
  signOut(page: URL, cookies: Cookies): Promise<URL>
  /** From now on it hears and does not answer. */
  pause(): void
  resume(): void
  /** Signs with new keys from now on, and forgets the old ones. */
  rotateKeys(): Promise<void>
  /** Ends it; connections are cut. */
  stop(): Promise<void>
  /** Starts it again on the same port, with what it knew. */
  start(): Promise<void>
}

const CLIENT = { id: 'lockkeeper', secret: 'secret-of-the-client-which-is-long-enough' }
const REDIRECT_URI = 'http://127.0.0.1:8080/auth/oidc_auth/callback'
const JANE: Claims = { preferred_username: 'jane', name: 'Jane Doe', email: 'jane@example.com', groups: ['dev', 'ops'] }

/** Starts an OpenID provider on a loopback port, in about a tenth of a second. */
export async function startOpenIdProvider(options: OpenIdProviderOptions = {}): Promise<OpenIdProvider> {
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  const people = new Map(Object.entries(options.people ?? { jane: JANE }))
  const counts = new Map<string, number>()
  const store = openIdStore()
  let keys = await makeKeys()
  let server: Server | undefined
  let handler = makeHandler()
  let held: PromiseWithResolvers<void> | undefined

  function makeHandler(): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
    const configuration: Configuration = openIdConfiguration({
      people,
      keys,
      store,
      client: {
        ...CLIENT,
        redirectUris: options.redirectUris ?? [REDIRECT_URI],
        signedOutUris: options.signedOutUris ?? ['http://127.0.0.1:8080/'],
        ...(options.backchannelLogoutUri !== undefined && { backchannelLogoutUri: options.backchannelLogoutUri }),
      },
      accessTokenSeconds: options.accessTokenSeconds ?? 60,
    })
    const provider = new Provider(issuer, configuration)
    const callback = provider.callback()
    return async (request, response) => {
      if (request.url?.startsWith('/interaction/')) await interact(provider, request, response, handle.signIn)
      else await callback(request, response)
    }
  }

  const handle: OpenIdProvider = {
    issuer,
    port,
    client: CLIENT,
    people,
    signIn: people.keys().next().value,
    count: (path) => counts.get(path) ?? 0,
    forget: () => counts.clear(),
    walk: (from, cookies) => walk(from, issuer, cookies),
    signOut: (page, cookies) => signOut(page, issuer, cookies),
    pause() {
      held ??= Promise.withResolvers()
    },
    resume() {
      held?.resolve()
      held = undefined
    },
    async rotateKeys() {
      keys = await makeKeys()
      handler = makeHandler()
    },
    async stop() {
      handle.resume()
      const running = server
      server = undefined
      if (running === undefined) return
      running.close()
      running.closeAllConnections()
      await once(running, 'close')
    },
    async start() {
      if (server !== undefined) return
      server = createServer(async (request, response) => {
        const path = new URL(request.url ?? '/', issuer).pathname
        counts.set(path, (counts.get(path) ?? 0) + 1)
        await held?.promise
        await handler(request, response)
      })
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
  }
  await handle.start()
  return handle
}

async function makeKeys(): Promise<{ keys: JWK[] }> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return { keys: [{ ...(await exportJWK(privateKey)), kid: crypto.randomUUID(), alg: 'RS256', use: 'sig' }] }
}

/** The provider's own login: at once when somebody is set to sign in, else a form that asks who it is. */
async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  signIn: string | undefined,
): Promise<void> {
  const { uid } = await provider.interactionDetails(request, response)
  const accountId = signIn ?? (request.method === 'POST' ? await personIn(request) : undefined)
  if (accountId === undefined) {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(`<!doctype html><title>Example provider</title><form method="post" action="/interaction/${uid}">
<label>Who are you? <input name="person" autofocus></label> <button>Sign in</button></form>`)
    return
  }
  const result = accountId === 'deny' ? { error: 'access_denied' } : { login: { accountId }, consent: {} }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
}

async function personIn(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  return new URLSearchParams(body).get('person') ?? ''
}
