import type { Authenticator } from './authenticator.ts'

/** Every auth mode of a deployment, keyed by its mode. Importing a package registers nothing; the caller does. */
export class AuthModeRegistry {
  readonly #modes = new Map<string, Authenticator>()

  constructor(authenticators: Iterable<Authenticator> = []) {
    for (const authenticator of authenticators) this.register(authenticator)
  }

  /**
   * @throws {TypeError} when the mode is registered already (two instances are two keys, such as `ldap_auth/emea`), or is
   * no auth mode: programs without types get that far.
   */
  register(authenticator: Authenticator): void {
    const { mode } = authenticator
    if (!/^[a-z][a-z0-9_]{0,62}(\/[a-z0-9][a-z0-9_-]{0,62})?$/.test(mode)) {
      throw new TypeError(`auth mode ${JSON.stringify(mode)} must look like ldap_auth or ldap_auth/emea`)
    }
    if (this.#modes.has(mode)) {
      throw new TypeError(
        `auth mode ${mode} is registered already; name a second instance ${mode.split('/')[0]}/<name>`,
      )
    }
    if (typeof authenticator.lookUp !== 'function') {
      throw new TypeError(`auth mode ${mode} has no function lookUp; see Authenticator of @lockkeeper/core`)
    }
    this.#modes.set(mode, authenticator)
  }

  get(mode: string): Authenticator | undefined {
    return this.#modes.get(mode)
  }

  modes(): readonly string[] {
    return [...this.#modes.keys()]
  }
}
