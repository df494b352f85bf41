import { defineRole } from '../role.ts'

/** Runs a project: its members, settings and robots as well as its images. */
export const projectAdmin = defineRole({
  id: 1,
  name: 'projectAdmin',
  grants: {
    self: ['read', 'update', 'delete'],
    member: ['create', 'read', 'update', 'delete', 'list'],
    metadata: ['create', 'read', 'update', 'delete'],
    log: ['list'],
    label: ['create', 'read', 'update', 'delete', 'list'],
    quota: ['read'],
    repository: ['create', 'read', 'update', 'delete', 'list', 'pull', 'push'],
    'tag-retention': ['create', 'read', 'update', 'delete', 'list', 'operate'],
    'immutable-tag': ['create', 'update', 'delete', 'list'],
    configuration: ['read', 'update'],
    robot: ['create', 'read', 'update', 'delete', 'list'],
    'notification-policy': ['create', 'read', 'update', 'delete', 'list'],
    scan: ['create', 'read', 'stop'],
    sbom: ['create', 'read', 'stop'],
    scanner: ['create', 'read'],
    artifact: ['create', 'read', 'delete', 'list'],
    'artifact-addition': ['read'],
    tag: ['create', 'delete', 'list'],
    accessory: ['list'],
    'artifact-label': ['create', 'delete'],
    'preheat-policy': ['create', 'read', 'update', 'delete', 'list'],
    'export-cve': ['create', 'read', 'list'],
  },
})
