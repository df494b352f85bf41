import { type AuditEvent, type ChainLink, canonicalName, type LinkResult, type ServerParts } from '@lockkeeper/core'
import type { IdentityReader, Person } from './identity.ts'
import type { HttpAuthSettings } from './options.ts'
import { trustedPeers } from './trusted-peers.ts'

type HeaderSettings = NonNullable<HttpAuthSettings['trustedHeaders']>

/**
 * Lets in whom a listed proxy names in a header. Of anybody else such a header is as if it were not there, and other
 * spellings of its name are other headers.
 */
export function trustedHeadersLink(
  { mode }: HttpAuthSettings,
  settings: HeaderSettings,
  toIdentity: IdentityReader,
  { accounts, clock, audit, contextOf }: ServerParts,
): ChainLink {
  const isTrusted = trustedPeers(settings.peers)

  return {
    name: `${mode} headers`,
    async generate({ request, connection, presented, source, door, requestId }): Promise<LinkResult> {
      if (!isTrusted(connection.peer)) return { outcome: 'abstained' }
      // A proxy that names nobody may say so by an empty header.
      if ((request.headers.get(settings.username) ?? '').trim() === '') return { outcome: 'abstained' }
      const record = (event: Pick<AuditEvent, 'outcome' | 'reason' | 'accountId' | 'name'>): void => {
        const at = new Date(clock.wallMs()).toISOString()
        try {
          audit.record({ type: 'login', at, mode, door, source, requestId, ...event })
        } catch {
          // An audit failure is no reason to let anybody in, nor to keep anybody out.
        }
      }
      const rejected = (reason: string): LinkResult => {
        record({ outcome: 'rejected', reason })
        return { outcome: 'rejected', reason }
      }

      // Beside a header a cookie has no say; two people in one request are one too many.
      if (presented.kind !== 'none' && presented.kind !== 'cookie') return rejected('two_credentials')
      const person = readPerson(request.headers, settings)
      const identity = person && toIdentity(person)
      if (identity === undefined) return rejected('malformed')
      const admission = await accounts.admit(identity)
      if (admission.outcome !== 'admitted') {
        return rejected(admission.outcome === 'refused' ? admission.reason : 'name_conflict')
      }
      const { account } = admission
      record({ outcome: 'authenticated', accountId: account.id, name: account.username })
      return { outcome: 'context', context: contextOf(account) }
    },
  }
}

/** Nothing when a header was sent twice, or cannot be what it should be. */
function readPerson(headers: Headers, { username, groups, groupSeparator, email, displayName }: HeaderSettings) {
  const read = (name: string | undefined) => (name === undefined ? '' : decode(headers.get(name) ?? ''))
  const [name, listed, mail, fullName] = [username, groups, email, displayName].map(read)
  if (name === undefined || listed === undefined || mail === undefined || fullName === undefined) return undefined
  // Two fields of one name arrive as one, with a comma between: the first of them may be the client's own.
  if (name.includes(',') || canonicalName(name) === undefined) return undefined
  if (groupSeparator !== ',' && listed.includes(',')) return undefined
  const all = listed.split(groupSeparator).map((group) => group.trim())
  const person: Person = {
    username: name,
    groups: [...new Set(all.filter((group) => group !== ''))],
    email: mail,
    displayName: fullName,
  }
  return person
}

/** Header values arrive byte for byte; what they spell is UTF-8, or nothing. */
function decode(value: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value.trim(), 'latin1'))
  } catch {
    return undefined
  }
}
