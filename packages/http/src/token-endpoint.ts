import type { AuditSink, Clock } from '@lockkeeper/core'
import { formatChallenge, formatScope, formatScopeList, formatTokenResponse } from '@lockkeeper/registry-protocol'
import type { TokenAnswer, TokenService } from '@lockkeeper/registry-token'
import { formatStep, recordSafely } from './audit-record.ts'
import type { Chain, Identified } from './chain.ts'
import { RequestError, unauthorized } from './request-error.ts'
import { textResponse } from './response.ts'
import type { RequestInfo, Route } from './route.ts'
import { readTokenQuestion, type TokenQuestion } from './token-question.ts'

/** What {@link tokenEndpoint} is made of. */
export interface TokenEndpointParts {
  readonly chain: Chain
  readonly tokens: TokenService
  readonly clock: Clock
  readonly audit: AuditSink
  /** `/service/token` by default. */
  readonly path?: string
  /** What clients show when they ask for a password; `lockkeeper` by default. */
  readonly realm?: string
}

/**
 * Serves the token endpoint: GET with Basic credentials or none, and POST with the password grant. Fewer rights than
 * asked for are a token with what remains; wrong credentials are 401, whatever was asked for.
 *
 * @throws {TypeError} when the realm holds anything but printable ASCII.
 * @see {@link https://distribution.github.io/distribution/spec/auth/token/ | Distribution: token authentication}
 */
export function tokenEndpoint(parts: TokenEndpointParts): Route {
  const { chain, tokens, clock, audit, path = '/service/token', realm = 'lockkeeper' } = parts
  const challenge = formatChallenge({ scheme: 'Basic', params: new Map([['realm', realm]]) })

  return {
    method: ['GET', 'POST'],
    path,
    async handle(request, info) {
      const question = await readTokenQuestion(request, info.url)
      const { door, form, service, scopes } = question
      const identified = await chain.identify(request, info, { door, ...(form && { form }) })
      if (identified.outcome === 'rejected') {
        throw unauthorized(challenge, { reason: identified.reason, trace: identified.steps })
      }
      const { context } = identified
      const answer = await tokens.issue({ ...(service !== undefined && { service }), scopes, context })
      record(answer, identified, question, info)
      if (answer.outcome === 'refused') throw refusal(answer, challenge)
      const { token, expiresInSeconds, issuedAt, granted } = answer
      return textResponse(formatTokenResponse({ token, expiresInSeconds, issuedAt, scope: formatScopeList(granted) }))
    },
  }

  function record(
    answer: TokenAnswer,
    { context, steps }: Identified & { readonly outcome: 'context' },
    { door }: TokenQuestion,
    info: RequestInfo,
  ): void {
    const { username, accountId, kind } = context
    recordSafely(audit, clock, {
      type: 'token',
      outcome: answer.outcome,
      door,
      source: info.source,
      requestId: info.requestId,
      ...(username !== '' && { name: username }),
      ...(accountId !== undefined && { accountId }),
      ...(answer.outcome === 'refused' && { reason: answer.reason }),
      details: { context: kind, trace: steps.map(formatStep), ...(answer.outcome === 'issued' && describe(answer)) },
    })
  }
}

function describe({ service, requested, granted, denials = [] }: TokenAnswer & { readonly outcome: 'issued' }) {
  return {
    service,
    requested: requested.map(formatScope),
    granted: granted.map(formatScope),
    ...(denials.length > 0 && { denials: denials.map(({ access, reason }) => `${formatScope(access)}: ${reason}`) }),
  }
}

function refusal(answer: TokenAnswer & { readonly outcome: 'refused' }, challenge: string): RequestError {
  const { status, code, message, reason } = answer
  if (status === 401) return unauthorized(challenge, { reason })
  return new RequestError({ status, code, message, reason })
}
