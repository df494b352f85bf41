import { defineRole } from '../role.ts'

/** Pushes and pulls; deletes nothing. */
export const developer = defineRole({
  id: 2,
  name: 'developer',
  grants: {
    self: ['read'],
    member: ['read', 'list'],
    label: ['read', 'list'],
    quota: ['read'],
    repository: ['create', 'read', 'update', 'list', 'pull', 'push'],
    'tag-retention': ['create', 'read', 'update', 'delete', 'list', 'operate'],
    configuration: ['read'],
    robot: ['read', 'list'],
    scan: ['read'],
    sbom: ['read'],
    scanner: ['read'],
    artifact: ['create', 'read', 'list'],
    'artifact-addition': ['read'],
    tag: ['create', 'list'],
    accessory: ['list'],
    'artifact-label': ['create', 'delete'],
    'export-cve': ['create', 'read', 'list'],
  },
})
