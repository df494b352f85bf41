import { canonicalName } from '@lockkeeper/core'
import * as z from 'zod'

/** A bearer token as RFC 6750 spells it: what goes into a header can hold nothing else. */
const bearerToken = z.string().regex(/^[A-Za-z0-9._~+/-]{1,16384}=*$/)

/** A user name of UAA that can be one here. */
const username = z.string().refine((name) => canonicalName(name) !== undefined)

/** An empty text says nothing. */
const optionalText = z
  .string()
  .transform((text) => (text.trim() === '' ? undefined : text.trim()))
  .nullish()

/** A token that UAA granted, and the scopes that go with it. */
export const grantAnswer = z.object({
  access_token: bearerToken,
  token_type: z.string().regex(/^bearer$/i),
  scope: z
    .string()
    .default('')
    .transform((scopes) => [...new Set(scopes.split(' ').filter((scope) => scope !== ''))]),
})

/** Why UAA grants no token. */
export const grantError = z.object({ error: z.string(), error_description: z.string().default('') })

/** What UAA says of the person that a token is for. */
export const userInfoAnswer = z
  .object({
    user_id: z.string().min(1),
    sub: z.string().optional(),
    user_name: username,
    name: optionalText,
    email: optionalText,
    email_verified: z.boolean().optional(),
  })
  // Were they two people, this would not be who was asked for.
  .refine(({ sub, user_id }) => sub === undefined || sub === user_id)

/** People that a search found. */
export const usersAnswer = z.object({
  resources: z.array(
    z.object({
      id: z.string().min(1),
      userName: username,
      name: z.object({ givenName: optionalText, familyName: optionalText }).nullish(),
      emails: z.array(z.object({ value: optionalText })).nullish(),
      active: z.boolean().optional(),
    }),
  ),
})

/** Groups that a search found. */
export const groupsAnswer = z.object({ resources: z.array(z.object({ displayName: z.string().min(1) })) })
