/** What a project consists of, for policies. `self` is the project itself, asked about as `project:<name>`. */
export const PROJECT_PARTS = [
  'self',
  'member',
  'metadata',
  'log',
  'label',
  'quota',
  'repository',
  'tag-retention',
  'immutable-tag',
  'configuration',
  'robot',
  'notification-policy',
  'scan',
  'sbom',
  'scanner',
  'artifact',
  'artifact-addition',
  'tag',
  'accessory',
  'artifact-label',
  'preheat-policy',
  'export-cve',
] as const

/** One of {@link PROJECT_PARTS}. */
export type ProjectPart = (typeof PROJECT_PARTS)[number]

/** What a whole deployment consists of, asked about as `system:<part>`. */
export const SYSTEM_PARTS = [
  'catalog',
  'audit-log',
  'project',
  'user',
  'user-group',
  'registry',
  'replication',
  'distribution',
  'garbage-collection',
  'scan-all',
  'system-volumes',
  'ldap-user',
  'configuration',
  'jobservice-monitor',
  'security-hub',
] as const

/** One of {@link SYSTEM_PARTS}. */
export type SystemPart = (typeof SYSTEM_PARTS)[number]

/** Narrows a text to a part of a project. */
export const isProjectPart = (text: string): text is ProjectPart => (PROJECT_PARTS as readonly string[]).includes(text)
