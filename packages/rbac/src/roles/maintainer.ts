import { defineRole } from '../role.ts'

/** Looks after the images of a project, deleting included, but not after its members. Called `master` before Harbor 2.1. */
export const maintainer = defineRole({
  id: 4,
  name: 'maintainer',
  grants: {
    self: ['read'],
    member: ['read', 'list'],
    metadata: ['read'],
    label: ['create', 'read', 'update', 'delete', 'list'],
    quota: ['read'],
    repository: ['create', 'read', 'update', 'delete', 'list', 'pull', 'push'],
    'tag-retention': ['create', 'read', 'update', 'delete', 'list', 'operate'],
    'immutable-tag': ['create', 'update', 'delete', 'list'],
    configuration: ['read'],
    robot: ['read', 'list'],
    'notification-policy': ['read', 'list'],
    scan: ['create', 'read', 'stop'],
    sbom: ['create', 'read', 'stop'],
    scanner: ['read'],
    artifact: ['create', 'read', 'delete', 'list'],
    'artifact-addition': ['read'],
    tag: ['create', 'delete', 'list'],
    accessory: ['list'],
    'artifact-label': ['create', 'delete'],
    'export-cve': ['create', 'read', 'list'],
  },
})
