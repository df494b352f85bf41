import type { Authenticator } from '@lockkeeper/core'
import type { ChainLink, Route } from '@lockkeeper/http'
import {
  type DependencyContainer,
  type InjectionToken,
  instanceCachingFactory,
  container as rootContainer,
} from './container.ts'
import { type ComposeSettings, DEFAULTS } from './defaults.ts'
import { dispose } from './dispose.ts'
import { AUTHENTICATOR, CHAIN_LINK, PARTS, ROUTE } from './keys.ts'
import type { Parts } from './parts.ts'

/** A value, or a function that makes it of parts of the server, once: of any that it is not itself a part of. */
export type MadeOfParts<T> = T | ((parts: Parts) => T)

/** What `compose` takes: values, settings for the defaults, and parts that replace them. */
export interface ComposeOptions extends Partial<Parts>, ComposeSettings {
  /** The auth modes; those registered under `AUTHENTICATOR` in `container` are added. */
  readonly authenticators?: readonly Authenticator[]
  /** Links asked before `basic` and `anonymous`, or what makes them of the other parts. */
  readonly links?: MadeOfParts<readonly ChainLink[]>
  /** Routes served beside the built-in ones, or what makes them of the other parts. */
  readonly routes?: MadeOfParts<readonly Route[]>
  /** Where parts and authenticators are looked for before a default is made. Nothing is registered in it. */
  readonly container?: DependencyContainer
}

/** A composed token server. Parts are made when first asked for. */
export interface TokenServer extends Parts {
  /** Disposes what was composed, the last made first. Parts that were handed in are the caller's to close. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Composes a token server out of parts.
 *
 * Everything lives in a child container of its own; the global container is neither read nor written.
 *
 * @throws {ConfigurationError} when the modes and their order cannot work together.
 */
export function compose(options: ComposeOptions): TokenServer {
  const given = options.container
  const own = (given ?? rootContainer).createChildContainer()
  const made: unknown[] = []
  const handed: Partial<Parts> = options
  const parts = {} as Parts
  const collected = {
    ...options,
    authenticators: [...(options.authenticators ?? []), ...all(given, AUTHENTICATOR)],
    links: () => [...listOf(options.links, parts), ...all(given, CHAIN_LINK)],
    routes: () => [...listOf(options.routes, parts), ...all(given, ROUTE)],
  }

  for (const name of Object.keys(PARTS) as (keyof Parts)[]) definePart(name)
  return Object.assign(parts, {
    async [Symbol.asyncDispose]() {
      await dispose(made.splice(0).reverse())
      await own.dispose()
    },
  }) as TokenServer

  function definePart<Name extends keyof Parts>(name: Name): void {
    const key: InjectionToken<Parts[Name]> = PARTS[name]
    const handedIn = handed[name]
    if (handedIn !== undefined) own.register(key, { useValue: handedIn })
    else if (!given?.isRegistered(key, true)) own.register(key, { useFactory: instanceCachingFactory(make) })
    Object.defineProperty(parts, name, { enumerable: true, get: () => own.resolve(key) })

    function make(): Parts[Name] {
      const part = DEFAULTS[name](parts, collected)
      made.push(part)
      return part
    }
  }
}

const listOf = <T>(made: MadeOfParts<readonly T[]> = [], parts: Parts): readonly T[] =>
  typeof made === 'function' ? made(parts) : made

function all<T>(container: DependencyContainer | undefined, key: InjectionToken<T>): readonly T[] {
  // resolveAll throws where nothing is registered.
  return container?.isRegistered(key, true) ? container.resolveAll(key) : []
}
