import {
  type Call,
  type External,
  type GrantShelf,
  type HarborOidcStore,
  type HarborOidcUser,
  type KeptGrant,
  type RefreshedOnce,
  refreshOnce,
} from '@lockkeeper/core'
import { conclude, rejected } from '../login/conclude.ts'
import type { OidcParts } from '../login/oidc-parts.ts'
import { refreshGrant } from '../login/refresh.ts'
import { verifyIdToken } from '../tokens/id-token.ts'
import type { HarborEncryption } from './harbor-encryption.ts'
import { readHarborToken, writeHarborToken } from './harbor-token.ts'

/** What reading Harbor's CLI secrets needs. */
export interface HarborParts {
  readonly users: HarborOidcStore
  readonly encryption: HarborEncryption
}

/** An access token that ends so soon is as good as ended. */
const MARGIN_MS = 10_000

/** A refresh makes three calls at most: the token endpoint, the keys, userinfo. */
const CALLS_IN_A_REFRESH = 3

/**
 * Asks the provider about the owner of a Harbor row, with the tokens that Harbor keeps there.
 *
 * @throws {BackendUnavailableError} when the provider cannot be asked.
 */
export async function askAbout(
  user: HarborOidcUser,
  parts: OidcParts,
  harbor: HarborParts,
  call: Call,
): Promise<External> {
  const { settings, clock } = parts
  const read = (row: HarborOidcUser) => readRow(row, settings.issuer, harbor)
  const leaseMs = (CALLS_IN_A_REFRESH + 1) * settings.timeoutMs
  const options = { clock, signal: call.signal, leaseMs, mode: settings.mode }
  const shelf: GrantShelf = {
    async read() {
      const row = await harbor.users.find(user.username)
      return row && read(row)
    },
    lease: (holder, ms) => harbor.users.lease(user.accountId, holder, ms),
    release: (holder) => harbor.users.release(user.accountId, holder),
    replace: (version, grant) =>
      harbor.users.replaceToken(user.accountId, version, harbor.encryption.encrypt(writeHarborToken(grant))),
  }

  const first = read(user)
  if (first === undefined) return rejected('harbor_token')
  for (let kept = first; ; ) {
    const answer: RefreshedOnce =
      (await asOfNow(kept, parts)) ?? (await refreshOnce(kept, shelf, (grant) => refreshGrant(grant, parts), options))
    if (answer.outcome !== 'changed') return answer
    kept = answer.kept
  }
}

function readRow({ subiss, token }: HarborOidcUser, issuer: string, harbor: HarborParts): KeptGrant | undefined {
  const json = harbor.encryption.decrypt(token)
  const subject = subiss.slice(0, -issuer.length)
  const grant = json === undefined ? undefined : readHarborToken(json, issuer, subject)
  return grant && { grant, version: token }
}

/** What the provider says by the access token that is there; `undefined` when that has ended or proves nothing. */
async function asOfNow({ grant }: KeptGrant, parts: OidcParts): Promise<External | undefined> {
  const { accessToken, idToken, subject, expiresAt } = grant
  const endsAt = expiresAt?.getTime() ?? 0
  if (accessToken === undefined || endsAt < parts.clock.wallMs() + MARGIN_MS) return undefined
  const claims = await verifyIdToken(idToken, { from: 'storage', subject }, parts)
  if ('refused' in claims) return undefined
  return conclude(parts, await parts.metadata.current(), claims.value, { ...grant, accessToken })
}
