import {
  BackendUnavailableError,
  type Call,
  type Clock,
  createHttpBackend,
  type HttpAnswer,
  type HttpBackend,
  type RejectReason,
} from '@lockkeeper/core'
import type * as z from 'zod'
import { grantAnswer, userInfoAnswer } from './answers.ts'
import { type GrantRefusal, readGrantRefusal } from './grant-refusal.ts'
import type { UaaAuthSettings } from './options.ts'

/** A token of UAA, for the one question it was asked for. It is kept nowhere. */
export interface UaaToken {
  readonly token: string
  readonly scopes: readonly string[]
}

/** How a password grant ended. */
export type PasswordGrant =
  | ({ readonly outcome: 'granted' } & UaaToken)
  | { readonly outcome: 'rejected'; readonly reason: RejectReason }

/** What UAA says of a person. */
export type UserInfo = z.output<typeof userInfoAnswer>

/** Speaks with one UAA as one client. */
export class UaaClient {
  readonly #settings: UaaAuthSettings
  readonly #backend: HttpBackend

  /** @throws {ConfigurationError} with every problem found. */
  constructor(settings: UaaAuthSettings, clock: Clock) {
    const { mode: name, url, insecureAllowPlaintext, tls, timeoutMs, maxConcurrent, maxQueued } = settings
    const limits = { timeoutMs, maxConcurrent, maxQueued }
    this.#settings = settings
    this.#backend = createHttpBackend({ name, url, insecureAllowPlaintext, tls, ...limits, clock })
  }

  /**
   * Tries a name and a password. Wrong ones are a refusal only when the client can prove itself right then: UAA has one
   * answer for a wrong password and a wrong client secret, and the second must not lock people out.
   *
   * @throws {BackendUnavailableError} when UAA cannot tell.
   */
  async passwordGrant(username: string, password: string, call: Call): Promise<PasswordGrant> {
    const { origin } = this.#settings
    const hint = origin === undefined ? {} : { login_hint: JSON.stringify({ origin }) }
    const grant = await this.#requestToken({ grant_type: 'password', username, password, ...hint }, call)
    if (grant.outcome === 'granted' || grant.outcome === 'rejected') return grant
    if (grant.outcome === 'cannot_tell') throw this.#unavailable(grant.why)
    await this.clientToken(call)
    return { outcome: 'rejected', reason: 'bad_credentials' }
  }

  /** A token of the client itself. @throws {BackendUnavailableError} when the client cannot prove itself. */
  async clientToken(call: Call): Promise<UaaToken> {
    const grant = await this.#requestToken({ grant_type: 'client_credentials' }, call)
    if (grant.outcome === 'granted') return grant
    if (grant.outcome === 'cannot_tell') throw this.#unavailable(grant.why)
    throw this.#unavailable(`refuses the client ${this.#settings.clientId}; check clientId and clientSecret`)
  }

  /** Who a token is for. @throws {BackendUnavailableError} when UAA does not say. */
  async userInfo({ token }: UaaToken, call: Call): Promise<UserInfo> {
    const answer = await this.#get('/userinfo', {}, token, call)
    if (answer.status === 403) {
      throw this.#unavailable('does not say who somebody is; add openid to the scopes of the client')
    }
    return this.#read(answer, userInfoAnswer, 'a request for user information')
  }

  /** What a search finds. @throws {BackendUnavailableError} when UAA does not say. */
  async search<T>(path: '/Users' | '/Groups', schema: z.ZodType<T>, query: SearchQuery, call: Call): Promise<T> {
    const { token } = await this.clientToken(call)
    const answer = await this.#get(path, { ...query, count: '2' }, token, call)
    if (answer.status === 403) {
      throw this.#unavailable('does not let the client search; add scim.read to its authorities')
    }
    return this.#read(answer, schema, 'a search')
  }

  close(): void {
    this.#backend.close()
  }

  async #requestToken(
    grant: Readonly<Record<string, string>>,
    call: Call,
  ): Promise<({ outcome: 'granted' } & UaaToken) | GrantRefusal> {
    const { clientId, clientSecret } = this.#settings
    // In the form rather than by Basic, since some versions of UAA decode the parts of Basic once more and some do not.
    const form = { ...grant, client_id: clientId, client_secret: clientSecret.reveal() }
    const answer = await this.#backend.send(
      {
        method: 'POST',
        path: '/oauth/token',
        headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
      },
      call,
    )
    if (answer.status !== 200) return readGrantRefusal(answer)
    const { access_token: token, scope: scopes } = this.#read(answer, grantAnswer, 'a request for a token')
    return { outcome: 'granted', token, scopes }
  }

  #get(path: string, query: Readonly<Record<string, string>>, token: string, call: Call): Promise<HttpAnswer> {
    const headers = { accept: 'application/json', authorization: `Bearer ${token}` }
    return this.#backend.send({ path, query, headers }, call)
  }

  #read<T>(answer: HttpAnswer, schema: z.ZodType<T>, question: string): T {
    if (answer.status !== 200) throw this.#unavailable(`answers ${answer.status} to ${question}`)
    const parsed = schema.safeParse(answer.json())
    // What it found wrong would quote the answer.
    if (!parsed.success) throw this.#unavailable(`answers ${question} with something else than UAA does`)
    return parsed.data
  }

  #unavailable(what: string): BackendUnavailableError {
    return new BackendUnavailableError(this.#settings.mode, `${this.#settings.url} ${what}`)
  }
}

/** A search by one filter, for the attributes that are needed. */
export interface SearchQuery {
  readonly filter: string
  readonly attributes: string
}
