import { type Call, canonicalName } from '@lockkeeper/core'
import * as z from 'zod'
import type { Endpoint } from './endpoint.ts'
import type { HttpAuthSettings } from './options.ts'

/** Whom a token belongs to. */
export interface ReviewedUser {
  readonly username: string
  readonly uid?: string | undefined
  readonly groups: readonly string[]
}

/** What the proxy says of a token: whose it is, or that it is nobody's. */
export type Review =
  | { readonly outcome: 'authenticated'; readonly user: ReviewedUser }
  | { readonly outcome: 'refused' }

/** Asks whose a token is. @throws {BackendUnavailableError} when that cannot be told. */
export type TokenReviewer = (token: string, call: Call) => Promise<Review>

/** The longest token that is looked at, in bytes: more does not fit into a Basic header. */
export const MAX_TOKEN_BYTES = 3_072
/** What a header can carry. No proxy makes a token of anything else. */
const TOKEN = /^[\x21-\x7e]+$/

const user = z.object({
  username: z.string().refine((name) => canonicalName(name) !== undefined),
  uid: z.string().optional(),
  groups: z
    .array(z.string().min(1))
    .default([])
    .transform((groups) => [...new Set(groups)]),
})

/**
 * Makes the reviewer of tokens.
 *
 * @see {@link https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/ | TokenReview}
 */
export function tokenReviewer(
  endpoint: Endpoint,
  { apiVersion: version, token: own, audiences }: NonNullable<HttpAuthSettings['tokenReview']>,
): TokenReviewer {
  const apiVersion = `authentication.k8s.io/${version}`
  const head = z.object({
    apiVersion: z.literal(apiVersion),
    kind: z.literal('TokenReview'),
    // A boolean, or left out as false is: a text or a number that looks like yes is no yes.
    status: z.object({ authenticated: z.boolean().default(false) }),
  })
  const whole = z.object({ status: z.object({ user, audiences: z.array(z.string()).default([]) }) })

  return async (token, call) => {
    if (!TOKEN.test(token) || token.length > MAX_TOKEN_BYTES) return REFUSED
    const answer = await endpoint.post(
      {
        headers: { 'content-type': 'application/json', authorization: `Bearer ${own?.reveal() ?? token}` },
        body: JSON.stringify({ apiVersion, kind: 'TokenReview', spec: { token, ...(audiences && { audiences }) } }),
      },
      call,
    )
    // Who has nothing but the token to show was refused for the token.
    if (answer.status === 401 && own === undefined) return REFUSED
    if (answer.status === 401 || answer.status === 403) {
      throw endpoint.unavailable(
        `answers ${answer.status}; check that tokenReview.token may create token reviews there`,
      )
    }
    if (answer.status !== 200 && answer.status !== 201) throw endpoint.unavailable(`answers ${answer.status}`)
    const { status } = endpoint.read(answer, head, `a TokenReview of ${apiVersion}`)
    if (!status.authenticated) return REFUSED
    const said = endpoint.read(answer, whole, 'a name and a list of groups').status
    // None means that the token is for the endpoint itself.
    if (audiences && !audiences.some((audience) => said.audiences.includes(audience))) return REFUSED
    return { outcome: 'authenticated', user: said.user }
  }
}

const REFUSED: Review = Object.freeze({ outcome: 'refused' })
