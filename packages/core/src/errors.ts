/**
 * Base of every error this family throws on purpose. Programs switch on `code`; the message is for people.
 * Compare `code`, not `instanceof`: two installed copies of a package have two classes.
 */
export class AuthError<Code extends string = string> extends Error {
  readonly code: Code

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/**
 * The party that would know could not be asked: a directory, a database, a provider or a full queue.
 * Clients see 503 with `Retry-After`, and no lockout counts it. Never turned into a refusal, nor a refusal into it.
 */
export class BackendUnavailableError extends AuthError<'ERR_BACKEND_UNAVAILABLE'> {
  /** What could not be asked, as the operator named it: `database`, `ldap_auth`, `password hashing`. */
  readonly backend: string
  /** When a client may try again, in seconds. */
  readonly retryAfterSeconds: number
  /** Monotonic milliseconds before which a login's answer must not leave; absent: at once. */
  readonly answerAt?: number

  constructor(
    backend: string,
    message: string,
    options?: ErrorOptions & { readonly retryAfterSeconds?: number; readonly answerAt?: number },
  ) {
    super('ERR_BACKEND_UNAVAILABLE', `${backend}: ${message}`, options)
    this.backend = backend
    this.retryAfterSeconds = options?.retryAfterSeconds ?? 5
    if (options?.answerAt !== undefined) this.answerAt = options.answerAt
  }
}

/** One thing that is wrong in a configuration, and where. */
export interface ConfigurationProblem {
  /** Path of the value, such as `auth.ldap_auth.url` or `people[0].username`; empty for the whole. */
  readonly path: string
  /** What is wrong and what to write instead. Never holds the value of a secret. */
  readonly message: string
}

/** A configuration cannot work; every problem found is listed. The server does not start. */
export class ConfigurationError extends AuthError<'ERR_CONFIGURATION'> {
  readonly problems: readonly ConfigurationProblem[]

  constructor(subject: string, problems: readonly ConfigurationProblem[], options?: ErrorOptions) {
    const lines = problems.map(({ path, message }) => (path === '' ? message : `${path} ${message}`))
    super('ERR_CONFIGURATION', `${subject}: ${lines.join('; ')}`, options)
    this.problems = problems
  }
}

/** A name is taken, or two records claim the same thing; nothing was changed. */
export class ConflictError extends AuthError<'ERR_CONFLICT'> {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_CONFLICT', message, options)
  }
}

/** The record that was named does not exist. */
export class NotFoundError extends AuthError<'ERR_NOT_FOUND'> {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_NOT_FOUND', message, options)
  }
}

/** A value given by a person cannot be used: a name, a password or a resource that breaks its grammar. */
export class InvalidInputError extends AuthError<'ERR_INVALID_INPUT'> {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_INVALID_INPUT', message, options)
  }
}

/** A sealed value does not open: it was changed, moved to another row, or its key is gone. Nobody gets in by it. */
export class SealBrokenError extends AuthError<'ERR_SEAL_BROKEN'> {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_SEAL_BROKEN', message, options)
  }
}

/** Narrows an unknown error to "cannot tell", also when it comes from another installed copy of this package. */
export const isBackendUnavailable = (error: unknown): error is BackendUnavailableError =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BACKEND_UNAVAILABLE'

/** Narrows an unknown error to a configuration that cannot work. */
export const isConfigurationError = (error: unknown): error is ConfigurationError =>
  error instanceof Error && 'code' in error && error.code === 'ERR_CONFIGURATION'
