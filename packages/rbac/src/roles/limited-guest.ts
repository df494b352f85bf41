import { defineRole } from '../role.ts'

/** Pulls, and sees neither who else is a member nor what they do. */
export const limitedGuest = defineRole({
  id: 5,
  name: 'limitedGuest',
  grants: {
    self: ['read'],
    quota: ['read'],
    repository: ['read', 'list', 'pull'],
    configuration: ['read'],
    scan: ['read'],
    sbom: ['read'],
    scanner: ['read'],
    artifact: ['read', 'list'],
    'artifact-addition': ['read'],
    tag: ['list'],
    accessory: ['list'],
  },
})
