import { createHash, timingSafeEqual } from 'node:crypto'
import { type Authenticator, abstained, authenticated, rejected } from '@lockkeeper/core'
import type { OidcParts } from '../login/oidc-parts.ts'
import { untilAborted } from '../until-aborted.ts'
import { askAbout, type HarborParts } from './harbor-grants.ts'

/**
 * The mode's part in a password login on a database that Harbor made: the CLI secrets there, which have no prefix to tell
 * them by. A right secret is not enough; the provider is asked about its owner.
 */
export function harborSecrets(
  parts: OidcParts,
  harbor: HarborParts,
  onRefused: (reason: string) => void,
): Authenticator['lookUp'] {
  const { users, encryption } = harbor
  const { mode, issuer } = parts.settings
  const standIn = encryption.encrypt('stand-in')

  return async ({ typed }, { signal }) => {
    const found = await untilAborted(mode, signal, () => users.find(typed))
    // Another instance of the mode answers for the people of its own provider.
    const user = found?.subiss.endsWith(issuer) && found.subiss !== issuer ? found : undefined
    return {
      ...(user !== undefined && { account: String(user.accountId) }),
      async verify(password, call) {
        const secret = encryption.decrypt(user?.secret ?? standIn) ?? ''
        const isRight = isSame(secret, password) && secret !== ''
        if (user === undefined) return abstained
        if (!isRight) return rejected('bad_credentials')
        const answer = await untilAborted(mode, call.signal, () => askAbout(user, parts, harbor, call))
        if (answer.outcome === 'authenticated') return authenticated(answer.identity)
        onRefused(answer.reason)
        return rejected('not_allowed')
      },
    }
  }
}

/** Digests have one length, so that nothing tells how much of a secret was right. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
