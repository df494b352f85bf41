import { unknownKeys } from '@lockkeeper/core'
import { type Filter, FilterParser } from 'ldapts'
import * as z from 'zod'
import { parseDn } from './dn.ts'

/** Options that take no other keys, and name those that they take. */
export const section = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, { error: unknownKeys(shape) })

/** The scheme of a URL with its default port. */
const DEFAULT_PORT = { 'ldap:': 389, 'ldaps:': 636 } as const

/** Where a server listens, and whether it does TLS from the first byte. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
  readonly secure: boolean
}

const URL_HINT = 'must look like ldaps://ldap.example.com or ldap://ldap.example.com:389'
const MOST_SERVERS = 8

/** One URL or a list of them, each `ldaps://host:port` with nothing after it. */
export const serverUrls = z
  .union([z.string(), z.array(z.string())], { error: `${URL_HINT}, or be a list of such URLs` })
  .transform((urls, context): readonly ServerAddress[] => {
    const list = Array.isArray(urls) ? urls : [urls]
    if (list.length === 0 || list.length > MOST_SERVERS) context.addIssue(`must name 1 to ${MOST_SERVERS} servers`)
    return list.flatMap((text, index) => {
      const address = readServerUrl(text)
      if (typeof address !== 'string') return [address]
      context.addIssue({ code: 'custom', path: Array.isArray(urls) ? [index] : [], message: address })
      return []
    })
  })

/** @returns The address, or what is wrong with the URL. */
function readServerUrl(text: string): ServerAddress | string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const scheme = url?.protocol === 'ldap:' || url?.protocol === 'ldaps:' ? url.protocol : undefined
  if (url === undefined || scheme === undefined || url.hostname === '') return URL_HINT
  if (!/^\/?$/.test(url.pathname)) return `${URL_HINT}; the base goes into baseDn`
  if (`${url.search}${url.hash}${url.username}${url.password}` !== '') return URL_HINT
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  return { host, port: Number(url.port || DEFAULT_PORT[scheme]), secure: scheme === 'ldaps:' }
}

const DN_HINT = 'must be a distinguished name such as ou=people,dc=example,dc=com'

/** A distinguished name. */
export const dn = z.string(DN_HINT).refine((text) => parseDn(text) !== undefined, DN_HINT)

/** A distinguished name that is not the root. */
export const entryDn = dn.refine((text) => text.trim() !== '', 'must not be empty')

const ATTRIBUTE_HINT = 'must be the name of one attribute, such as uid'

/** The name of an attribute, or its object identifier. */
export const attribute = z
  .string(ATTRIBUTE_HINT)
  .regex(/^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)$/, ATTRIBUTE_HINT)
  // A reader that keeps entries as plain objects would mix these up with what every object has.
  .refine((name) => name.toLowerCase() !== 'dn', 'must be an attribute; dn is none')

/** How far below the base a search goes. */
export const scope = z.enum(['base', 'one', 'sub'], {
  error: 'must be base (the entry alone), one (right below it) or sub (everything below)',
})

const FILTER_HINT = 'must be an LDAP filter (RFC 4515) such as (objectClass=person)'
const UNBALANCED = 'each ( needs its )'

/** A filter as text. Checked here, so that a bad one is reported with the configuration and not at the first login. */
export const filter = z.string(FILTER_HINT).transform((text, context): Filter => {
  const trimmed = text.trim()
  if (/\\[89a-f][0-9a-f]/i.test(trimmed)) {
    context.addIssue('must have letters beyond ASCII as they are, not as \\xx')
    return z.NEVER
  }
  try {
    return FilterParser.parseString(trimmed)
  } catch (error) {
    const why = error instanceof Error && !error.message.startsWith('Unbalanced') ? error.message : UNBALANCED
    context.addIssue(`${FILTER_HINT}: ${why}`)
    return z.NEVER
  }
})

/** A whole number within bounds. */
export const count = (least: number, most: number) => {
  const message = `must be a whole number from ${least} to ${most}`
  return z.int(message).min(least, message).max(most, message)
}
