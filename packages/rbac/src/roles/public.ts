import { type Grants, lookUpIn } from '../role.ts'

const grants: Grants = {
  self: ['read'],
  label: ['read', 'list'],
  repository: ['list', 'pull'],
  scan: ['read'],
  scanner: ['read'],
  tag: ['list'],
  artifact: ['read', 'list'],
  'artifact-addition': ['read'],
  accessory: ['list'],
}

/** What everybody may do in a public project. Somebody who did not log in may do this and nothing else anywhere. */
export const publicRights = Object.freeze({ name: 'public', grants, allows: lookUpIn('public', grants) })
