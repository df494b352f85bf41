import type { Action, Clock } from '@lockkeeper/core'
import { type Access, accessFromScope, parseScopeList } from '@lockkeeper/registry-protocol'
import type { TokenService } from '@lockkeeper/registry-token'

/** A token service without keys: judges scopes by the caller's rights, and signs nothing. */
export const fakeTokens = (clock: Clock): TokenService => ({
  services: ['registry'],
  jwks: () => ({ keys: [{ kty: 'EC', kid: 'k1' }] }),
  pemBundle: () => '-----BEGIN CERTIFICATE-----\n',
  async issue({ service = '', scopes, context }) {
    if (service !== '' && service !== 'registry') {
      return {
        outcome: 'refused',
        status: 400,
        code: 'UNSUPPORTED',
        message: 'unknown service',
        reason: 'unknown_service',
      }
    }
    const { scopes: asked, problems } = parseScopeList(scopes)
    const [problem] = problems
    if (problem) {
      return { outcome: 'refused', status: 400, code: 'NAME_INVALID', message: problem.message, reason: problem.reason }
    }
    if (asked.length === 0 && !context.isAuthenticated) {
      return { outcome: 'refused', status: 401, code: 'UNAUTHORIZED', message: 'say who', reason: 'scope_required' }
    }
    const requested = asked.map(accessFromScope)
    const granted: Access[] = []
    for (const access of requested) {
      const [project = '', ...rest] = access.name.split('/')
      const actions: string[] = []
      for (const action of access.actions) {
        const resource = { kind: 'repository', project, name: rest.join('/') } as const
        if (await context.can(action as Action, resource)) actions.push(action)
      }
      if (actions.length > 0) granted.push({ ...access, actions })
    }
    return {
      outcome: 'issued',
      token: `signed.for.${context.username || 'nobody'}`,
      expiresInSeconds: 300,
      issuedAt: new Date(clock.wallMs()),
      service: 'registry',
      requested,
      granted,
    }
  },
})
