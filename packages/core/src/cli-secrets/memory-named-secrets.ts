import { BackendUnavailableError, ConflictError } from '../errors.ts'
import {
  LAST_USED_LAG_MS,
  MAX_SECRETS_OF_ACCOUNT,
  type NamedSecret,
  type NamedSecretStore,
  type StoredNamedSecret,
} from './named-secrets.ts'

/** Bounds of {@link memoryNamedSecrets}. */
export interface MemoryNamedSecretsOptions {
  /** The most rows it holds, those of revoked secrets included; 10 000 by default. */
  readonly maxSecrets?: number
}

/**
 * Keeps secrets for the command line in memory, for tests and small programs; they end with the process.
 *
 * @returns A store that throws {@link BackendUnavailableError} instead of growing beyond its bound.
 */
export function memoryNamedSecrets({ maxSecrets = 10_000 }: MemoryNamedSecretsOptions = {}): NamedSecretStore {
  const rows = new Map<string, StoredNamedSecret>()
  const inUse = (accountId: number) =>
    [...rows.values()].filter((row) => row.accountId === accountId && row.revokedAt === undefined)
  const change = (row: StoredNamedSecret, changes: Partial<NamedSecret>) =>
    rows.set(row.id, Object.freeze({ ...row, ...changes }))

  return {
    async add(secret) {
      const others = inUse(secret.accountId)
      if (others.some(({ name }) => name === secret.name)) {
        throw new ConflictError(`there is a secret named ${secret.name} already; revoke it, or choose another name`)
      }
      if (others.length >= MAX_SECRETS_OF_ACCOUNT) {
        throw new ConflictError(`one account has at most ${MAX_SECRETS_OF_ACCOUNT} secrets; revoke one`)
      }
      if (rows.size >= maxSecrets) makeRoom(rows)
      if (rows.size >= maxSecrets) {
        throw new BackendUnavailableError('secrets', `memory holds ${maxSecrets} of them, its limit; raise maxSecrets`)
      }
      rows.set(secret.id, Object.freeze({ ...secret }))
    },
    find: async (id) => rows.get(id),
    async list(accountId) {
      return inUse(accountId)
        .map(({ digest: _, ...shown }) => shown)
        .sort((a, b) => b.createdAt - a.createdAt)
    },
    async revoke(accountId, id, at) {
      const row = rows.get(id)
      if (row?.accountId !== accountId || row.revokedAt !== undefined) return false
      change(row, { revokedAt: at })
      return true
    },
    async touch(id, at) {
      const row = rows.get(id)
      if (row && at - (row.lastUsedAt ?? Number.NEGATIVE_INFINITY) >= LAST_USED_LAG_MS) change(row, { lastUsedAt: at })
    },
  }
}

/** What was revoked is kept to be told apart from what never was; it goes when its place is needed. */
function makeRoom(rows: Map<string, StoredNamedSecret>): void {
  for (const [id, { revokedAt }] of rows) if (revokedAt !== undefined) rows.delete(id)
}
