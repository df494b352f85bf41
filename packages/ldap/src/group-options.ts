import * as z from 'zod'
import { attribute, count, entryDn, filter, scope, section } from './option-values.ts'

const max = count(1, 10_000).default(1_000)

/** Where the groups of a person come from. */
export const groupOptions = z.discriminatedUnion(
  'from',
  [
    section({
      /** Nowhere. */
      from: z.literal('nowhere'),
    }),
    section({
      /** From an attribute of the person's entry that lists distinguished names: no further question. */
      from: z.literal('memberOf'),
      /** Groups elsewhere are ignored. */
      baseDn: entryDn.optional(),
      max,
    }),
    section({
      /** From one search for groups that list the person. */
      from: z.literal('search'),
      /** Where groups are searched; `baseDn` of people where absent. */
      baseDn: entryDn.optional(),
      scope: scope.default('sub'),
      filter: filter.optional(),
      /** The attributes of a group that list its members. */
      memberAttributes: z.array(attribute).min(1).max(4).default(['member', 'uniqueMember']),
      /** What they list: distinguished names, or user names as in `memberUid`. */
      memberIs: z.enum(['dn', 'username']).default('dn'),
      /** What people call a group. */
      nameAttribute: attribute.default('cn'),
      /** Groups of groups, too. */
      nested: z.boolean().default(false),
      max,
    }),
  ],
  { error: 'must have from: memberOf, search or nowhere' },
)

/** Where the groups of a person come from. */
export type GroupSettings = z.output<typeof groupOptions>
/** How groups are searched. */
export type GroupSearchSettings = Extract<GroupSettings, { from: 'search' }>
