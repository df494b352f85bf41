import type { Adapter, AdapterPayload } from 'oidc-provider'

/** Keeps what a provider knows, beyond the life of one set of its keys. Nothing ends by itself: the provider looks at dates. */
export function openIdStore(): (kind: string) => Adapter {
  const rows = new Map<string, AdapterPayload>()
  const findBy = (kind: string, member: 'uid' | 'userCode', value: string) =>
    [...rows].find(([key, row]) => key.startsWith(`${kind}:`) && row[member] === value)?.[1]

  return (kind) => ({
    async upsert(id, payload) {
      rows.set(`${kind}:${id}`, payload)
    },
    find: async (id) => rows.get(`${kind}:${id}`),
    findByUid: async (uid) => findBy(kind, 'uid', uid),
    findByUserCode: async (userCode) => findBy(kind, 'userCode', userCode),
    async consume(id) {
      const row = rows.get(`${kind}:${id}`)
      if (row) row.consumed = Math.floor(Date.now() / 1000)
    },
    async destroy(id) {
      rows.delete(`${kind}:${id}`)
    },
    async revokeByGrantId(grantId) {
      for (const [key, row] of rows) if (row.grantId === grantId) rows.delete(key)
    },
  })
}
