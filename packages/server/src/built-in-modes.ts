import { resolve } from 'node:path'
import type { HttpAuthOptions } from '@lockkeeper/authproxy'
import type { Authenticator, AuthModeContext } from '@lockkeeper/core'
import { sqlHarborOidc } from '@lockkeeper/database'
import { dbAuth } from '@lockkeeper/db-auth'
import type { HarborSettings, LdapAuthOptions } from '@lockkeeper/ldap'
import type { OidcAuthOptions } from '@lockkeeper/oidc'
import type { UaaAuthOptions } from '@lockkeeper/uaa'
import type { Settings } from './config/schema.ts'
import type { Stores } from './stores.ts'

/** Makes one auth mode from the section of the configuration that is named after it. */
export type AuthModeFactory = (options: unknown, context: ModeContext) => Authenticator | Promise<Authenticator>

/** What a built-in mode may use besides its options. */
export interface ModeContext extends AuthModeContext {
  readonly stores: Stores
}

/** The modes that come with the server. A mode of your own is a plugin and needs no line here. */
export const BUILT_IN_MODES: ReadonlyMap<string, AuthModeFactory> = new Map<string, AuthModeFactory>([
  ['db_auth', localPasswords],
  ['ldap_auth', directory],
  ['oidc_auth', provider],
  ['uaa_auth', uaa],
  ['http_auth', authProxy],
])

/** The hashing options of the section went into the hasher, which commands share. */
function localPasswords(options: unknown, { stores }: ModeContext): Authenticator {
  const { upgradeOnLogin, sharedWithHarbor } = options as Settings['auth']['db_auth']
  // A Harbor could not verify what an upgrade writes.
  const upgrades = upgradeOnLogin ?? sharedWithHarbor !== true
  return dbAuth({ passwords: stores.accounts, hasher: stores.hasher, upgradeOnLogin: upgrades })
}

/** Loaded when it is asked for: most servers have no directory. */
async function directory(options: unknown, { mode, warn }: ModeContext): Promise<Authenticator> {
  const { ldapAuth, readHarborLdapSettings } = await import('@lockkeeper/ldap')
  const section = inOurWords<LdapAuthOptions>(options, /^ldap_/, readHarborLdapSettings)
  return ldapAuth({ ...section, ...instanceOf(mode), onEvent: ({ message }) => warn(`${mode}: ${message}`) })
}

/** `harborKeyFile` honours the CLI secrets in a database that Harbor made. */
async function provider(options: unknown, { mode, folder, stores, warn }: ModeContext): Promise<Authenticator> {
  const { oidcAuth } = await import('@lockkeeper/oidc')
  const { harborKeyFile, ...own } = options as OidcAuthOptions & { readonly harborKeyFile?: string }
  const { authenticator, externalLogin } = oidcAuth(
    { ...own, ...instanceOf(mode) },
    {
      onEvent: (event) =>
        warn(event.type === 'refused' ? `${event.mode}: refused, ${event.reason}` : `${event.mode}: not refreshed`),
      ...(harborKeyFile !== undefined && {
        harbor: { keyFile: resolve(folder, harborKeyFile), users: sqlHarborOidc(stores.database) },
      }),
    },
  )
  return { ...authenticator, externalLogin }
}

async function uaa(options: unknown, { mode }: ModeContext): Promise<Authenticator> {
  const { uaaAuth, readHarborUaaSettings } = await import('@lockkeeper/uaa')
  const section = inOurWords<UaaAuthOptions>(options, /^uaa_/i, readHarborUaaSettings)
  return uaaAuth({ ...section, ...instanceOf(mode) })
}

async function authProxy(options: unknown, { mode }: ModeContext): Promise<Authenticator> {
  const { httpAuth, readHarborAuthProxySettings } = await import('@lockkeeper/authproxy')
  const section = inOurWords<HttpAuthOptions>(options, /^http_authproxy_/, readHarborAuthProxySettings)
  return httpAuth({ ...section, ...instanceOf(mode) })
}

/** A section may have Harbor's words among ours: those are read as Harbor does, and what stands in ours goes before. */
function inOurWords<Options extends object>(
  section: unknown,
  isHarbors: RegExp,
  read: (settings: HarborSettings) => Options,
): Options {
  const entries = Object.entries(section as Options)
  const harbors = entries.filter(([key]) => isHarbors.test(key))
  const ours = Object.fromEntries(entries.filter(([key]) => !isHarbors.test(key))) as Options
  return harbors.length === 0 ? ours : { ...read(Object.fromEntries(harbors)), ...ours }
}

function instanceOf(mode: string): { readonly instance?: string } {
  const [, instance] = mode.split('/')
  return instance === undefined ? {} : { instance }
}
