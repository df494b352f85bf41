import { ConfigurationError, type ConfigurationProblem } from './errors.ts'

/**
 * The part of the Standard Schema interface that is used here; zod, valibot and arktype schemas have it.
 *
 * @see {@link https://standardschema.dev | Standard Schema}
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
      readonly issues: ReadonlyArray<{ readonly message: string; readonly path?: ReadonlyArray<PathPart> | undefined }>
    }

type PathPart = PropertyKey | { readonly key: PropertyKey }

/**
 * Parses options once at the edge, so that the code behind it runs on settings.
 *
 * @param subject Named in the error: the mode or the file.
 * @returns The schema's output; the caller's object is untouched.
 * @throws {ConfigurationError} with every problem found and its path.
 * @throws {TypeError} when the schema is asynchronous.
 */
export function parseOptions<Output>(
  subject: string,
  schema: StandardSchema<unknown, Output>,
  options: unknown,
): Output {
  const result = schema['~standard'].validate(options)
  if (result instanceof Promise) throw new TypeError(`${subject}: an asynchronous schema cannot parse options`)
  if (result.issues === undefined) return result.value
  throw new ConfigurationError(subject, result.issues.map(toProblem))
}

/**
 * Words for keys that options do not have, followed by those that they have. Meant as the `error` of a schema of zod:
 * `z.strictObject(shape, { error: unknownKeys(shape) })`.
 *
 * @returns A function from an issue to its message; `undefined` for other issues, which keep their own.
 */
export const unknownKeys =
  (shape: object) =>
  ({ code, keys }: { readonly code?: string | undefined; readonly keys?: unknown }): string | undefined =>
    code === 'unrecognized_keys' && Array.isArray(keys)
      ? `has no ${keys.join(' and no ')}; there are ${Object.keys(shape).join(', ')}`
      : undefined

function toProblem(issue: { message: string; path?: ReadonlyArray<PathPart> | undefined }): ConfigurationProblem {
  const keys = (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part))
  const path = keys.reduce<string>((text, key) => text + (typeof key === 'number' ? `[${key}]` : dotted(text, key)), '')
  return { path, message: issue.message }
}

const dotted = (before: string, key: PropertyKey): string => (before === '' ? String(key) : `.${String(key)}`)
