import { BackendUnavailableError, systemClock } from '@lockkeeper/core'
import { type Access, accessFromScope, type ErrorCode, parseScopeList } from '@lockkeeper/registry-protocol'
import { type AccessFilter, catalogAccess, repositoryAccess } from './access-filter.ts'
import { makeClaims } from './claims.ts'
import type { TokenAnswer, TokenService } from './contract.ts'
import { grantAccess } from './grant.ts'
import { judgeKeys } from './judge-keys.ts'
import { parseTokenServiceOptions, type ServiceSettings, type TokenServiceOptions } from './options.ts'
import { headerFor, publishedBundle, publishedJwks } from './published-set.ts'
import { createRandomPool } from './random-pool.ts'

/** Longest token that is issued, in bytes: it travels in a request header, and proxies refuse headers over 8 KiB. */
export const MAX_ISSUED_TOKEN_BYTES = 6144

/**
 * Makes a token service: it intersects what is asked for with what the security context may do, and signs the rest.
 *
 * @throws {ConfigurationError} with every problem found, also when the keys cannot do what a service needs.
 * @see {@link https://distribution.github.io/distribution/spec/auth/token/ | Distribution: token authentication}
 */
export function createTokenService(options: TokenServiceOptions): TokenService {
  const settings = parseTokenServiceOptions(options)
  const { issuer, keys, clock = systemClock, randomBytes = createRandomPool() } = settings
  judgeKeys(settings)

  const all = Object.values(settings.services)
  const services = new Map(
    Object.entries(settings.services).map(([name, service]) => [name, { service, filters: filtersOf(service) }]),
  )
  const onlyService = services.size === 1 ? [...services.keys()][0] : undefined

  async function sign(service: ServiceSettings, audience: string, subject: string, access: readonly Access[]) {
    const signer = await keys.signer(service.algorithm)
    if (service.headerStyle === 'x5c' && signer.certificates.length === 0) {
      throw new BackendUnavailableError('signing keys', `the ${service.algorithm} key has no certificate any more`)
    }
    const lifeSeconds = lifeOf(service, access)
    const nowMs = clock.wallMs()
    const { claims, ...times } = makeClaims({ issuer, subject, audience, access, lifeSeconds, nowMs, randomBytes })
    return { token: await signer.sign(headerFor(service, signer), { ...claims }), ...times }
  }

  return {
    services: [...services.keys()],
    jwks: () => publishedJwks(keys, all),
    pemBundle: () => publishedBundle(keys, all),
    async issue({ service: asked, scopes: values, context }): Promise<TokenAnswer> {
      const name = asked || onlyService
      if (name === undefined) return refused(400, 'UNSUPPORTED', 'name the service of the token', 'service_missing')
      const found = services.get(name)
      if (!found) return refused(400, 'UNSUPPORTED', 'this server issues no tokens for that service', 'unknown_service')

      const { scopes, problems } = parseScopeList(values)
      if (problems[0]) return refused(400, 'NAME_INVALID', problems[0].message, problems[0].reason)
      if (scopes.length === 0 && !context.isAuthenticated) {
        return refused(401, 'UNAUTHORIZED', 'authentication required', 'scope_required')
      }

      const requested = scopes.map(accessFromScope)
      const { granted, denials } = await grantAccess(requested, context, found.filters)
      const subject = context.isAuthenticated ? context.username : ''
      const signed = await sign(found.service, name, subject, granted)
      if (signed.token.length > MAX_ISSUED_TOKEN_BYTES) {
        const message = 'the token would be too large for a request header; ask for fewer repositories at a time'
        return refused(400, 'UNSUPPORTED', message, 'token_too_large')
      }
      return { outcome: 'issued', ...signed, service: name, requested, granted, ...(denials.length > 0 && { denials }) }
    },
  }
}

const refused = (status: 400 | 401, code: ErrorCode, message: string, reason: string): TokenAnswer => ({
  outcome: 'refused',
  status,
  code,
  message,
  reason,
})

const filtersOf = ({ names, filters }: ServiceSettings): ReadonlyMap<string, AccessFilter> =>
  new Map([['repository', repositoryAccess(names)], ['registry', catalogAccess], ...Object.entries(filters)])

const lifeOf = (
  { expiresInSeconds, pushExpiresInSeconds = expiresInSeconds }: ServiceSettings,
  access: readonly Access[],
) => (access.some(({ actions }) => actions.includes('push')) ? pushExpiresInSeconds : expiresInSeconds)
