import { formatChallenge, formatScopeList } from '@lockkeeper/registry-protocol'
import { accessOf } from './challenge.ts'
import type { AccessController } from './contract.ts'

/** What {@link sillyAccessController} works with. */
export interface SillyOptions {
  /** Need not be a URL; printable ASCII. */
  readonly realm: string
  readonly service: string
}

/**
 * Lets everybody in who sends any `Authorization` header at all, like the controller of that name in Distribution. It
 * protects nothing: it is for tests of clients, because its challenges name every record in a scope of its own.
 *
 * `authorize` throws {@link TypeError} when a record is outside the grammar of scopes.
 */
export function sillyAccessController({ realm, service }: SillyOptions): AccessController {
  return {
    async authorize(authorization, needed) {
      if (authorization) return { outcome: 'granted', subject: 'silly', access: accessOf(needed) }
      const scope = formatScopeList(needed.map(({ type, name, action }) => ({ type, name, actions: [action] })))
      const params = new Map([
        ['realm', realm],
        ['service', service],
      ])
      if (scope !== '') params.set('scope', scope)
      return { outcome: 'challenge', challenge: formatChallenge({ scheme: 'Bearer', params }), reason: 'no_token' }
    },
  }
}
