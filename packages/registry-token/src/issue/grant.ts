import type { SecurityContext } from '@lockkeeper/core'
import type { Access } from '@lockkeeper/registry-protocol'
import type { AccessFilter } from './access-filter.ts'
import type { Denial } from './contract.ts'
import { mapBounded } from './map-bounded.ts'

/** What of a request is granted, and why the rest is not. */
export interface Grant {
  /** In the order of the request; resources of which nothing was granted are left out. */
  readonly granted: readonly Access[]
  readonly denials: readonly Denial[]
}

/** Resources that are judged at the same time; a context reads each project once, so more gains nothing. */
const PARALLEL = 8

/**
 * Intersects what is asked for with what the context may do; nothing that was not asked for is ever granted.
 *
 * @param filters By resource type; a type without a filter is granted to nobody.
 * @throws {BackendUnavailableError} when the context cannot tell.
 */
export async function grantAccess(
  requested: readonly Access[],
  context: SecurityContext,
  filters: ReadonlyMap<string, AccessFilter>,
): Promise<Grant> {
  const judged = await mapBounded(requested, PARALLEL, (access) => grantOne(access, context, filters.get(access.type)))
  return {
    granted: judged.map(({ granted }) => granted).filter(({ actions }) => actions.length > 0),
    denials: judged.flatMap(({ denials }) => denials),
  }
}

async function grantOne(access: Access, context: SecurityContext, filter: AccessFilter | undefined) {
  const denials: Denial[] = []
  const judged = new Map<string, boolean>()

  async function judge(action: string): Promise<boolean> {
    const known = judged.get(action)
    if (known !== undefined) return known
    const reason = await refusal(access.name, action, context, filter)
    judged.set(action, reason === undefined)
    if (reason !== undefined) denials.push({ access: { ...access, actions: [action] }, reason })
    return reason === undefined
  }

  const actions = new Set<string>()
  for (const action of access.actions) {
    const parts = action === '*' ? filter?.wildcard : undefined
    if (parts === undefined) {
      if (await judge(action)) actions.add(action)
      continue
    }
    const allowed: string[] = []
    for (const part of parts) if (await judge(part)) allowed.push(part)
    // Some verifiers take `*` for everything and some for a word, so it is sent only when it is true, and never alone.
    if (allowed.length === parts.length) actions.add('*')
    for (const part of allowed) actions.add(part)
  }
  return { granted: { ...access, actions: [...actions] }, denials }
}

/** Why an action is not granted; `undefined` when it is. */
async function refusal(
  name: string,
  action: string,
  context: SecurityContext,
  filter: AccessFilter | undefined,
): Promise<string | undefined> {
  if (!filter) return 'this service has no policy for resources of this type'
  const question = filter.question(name, action)
  if (!question) return 'no policy of this service covers this action on this name'
  if (await context.can(question.action, question.resource)) return undefined
  const { denial, reason } = await context.explain(question.action, question.resource)
  return denial ?? reason
}
