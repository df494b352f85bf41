import { defineRole } from '../role.ts'

/** Pulls and looks around. */
export const guest = defineRole({
  id: 3,
  name: 'guest',
  grants: {
    self: ['read'],
    member: ['read', 'list'],
    label: ['read', 'list'],
    quota: ['read'],
    repository: ['read', 'list', 'pull'],
    configuration: ['read'],
    robot: ['read', 'list'],
    scan: ['read'],
    sbom: ['read'],
    scanner: ['read'],
    artifact: ['read', 'list'],
    'artifact-addition': ['read'],
    tag: ['list'],
    accessory: ['list'],
  },
})
