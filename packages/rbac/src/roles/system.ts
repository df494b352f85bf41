import type { Action } from '@lockkeeper/core'
import type { SystemPart } from '../parts.ts'

/** What there is to do with each part of the deployment. Only a system administrator may do any of it. */
export const SYSTEM_GRANTS: { readonly [Part in SystemPart]: readonly Action[] } = {
  catalog: ['read'],
  'audit-log': ['list'],
  project: ['create', 'read', 'update', 'delete', 'list'],
  user: ['create', 'read', 'update', 'delete', 'list'],
  'user-group': ['create', 'read', 'update', 'delete', 'list'],
  registry: ['create', 'read', 'update', 'delete', 'list'],
  replication: ['create', 'read', 'update', 'delete', 'list'],
  distribution: ['create', 'read', 'update', 'delete', 'list'],
  'garbage-collection': ['create', 'read', 'update', 'delete', 'list'],
  'scan-all': ['create', 'read', 'update', 'delete', 'list', 'stop'],
  'system-volumes': ['read'],
  'ldap-user': ['create', 'list'],
  configuration: ['read', 'update'],
  'jobservice-monitor': ['read', 'list', 'stop'],
  'security-hub': ['read', 'list'],
}

const table = new Map<string, readonly string[]>(Object.entries(SYSTEM_GRANTS))

/** What there is to do with a part of the deployment; `undefined` for a part that it does not have. */
export const systemActions = (part: string): readonly string[] | undefined => table.get(part)

/** Whether there is such a thing to do with the deployment; false for parts and actions it does not know. */
export const systemAllows = (action: string, part: string): boolean => systemActions(part)?.includes(action) ?? false

/** What no administrator may do: the pull of a scanner skips the checks that a person's pull is held to. */
export const isForScannersOnly = (action: Action): boolean => action === 'scanner-pull'
