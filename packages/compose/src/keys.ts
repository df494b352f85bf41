import type { Authenticator } from '@lockkeeper/core'
import type { ChainLink, Route } from '@lockkeeper/http'
import type { InjectionToken } from './container.ts'
import type { Parts } from './parts.ts'

const key = <T>(description: string): InjectionToken<T> => Symbol(description)

/** The key of each part. What a container has under one of these is used in place of the default. */
export const PARTS: { readonly [Name in keyof Parts]: InjectionToken<Parts[Name]> } = {
  clock: key('Clock'),
  audit: key('AuditSink'),
  lockoutStore: key('LockoutStore'),
  lockout: key('Lockout'),
  accountStore: key('AccountStore'),
  accounts: key('AccountDirectory'),
  projects: key('ProjectManager'),
  policy: key('Policy'),
  modes: key('AuthModeRegistry'),
  login: key('Login'),
  chain: key('Chain'),
  tokens: key('TokenService'),
  access: key('AccessController'),
  handler: key('Handler'),
}

/** Registered many times, once for each auth mode: all that adding one to a container takes. */
export const AUTHENTICATOR: InjectionToken<Authenticator> = key('Authenticator')

/** Registered many times: links that are asked before `basic` and `anonymous`, in the order they were registered. */
export const CHAIN_LINK: InjectionToken<ChainLink> = key('ChainLink')

/** Registered many times: routes that are served beside the built-in ones. */
export const ROUTE: InjectionToken<Route> = key('Route')
