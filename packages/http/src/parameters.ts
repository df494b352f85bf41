import { badRequest } from './request-error.ts'

const MAX_PAIRS = 256
/** As names of parameters they have no use but to reach into a prototype somewhere behind. */
const REFUSED_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** The parameters of a query or of a form, decoded strictly. */
export class Parameters {
  readonly #values: ReadonlyMap<string, readonly string[]>

  private constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values
  }

  /**
   * Reads `name=value&name=value`.
   *
   * @throws {RequestError} 400 for a bad escape, for bytes that are not UTF-8 (a lenient reader makes one character of
   * them all), for more than 256 pairs, and for names that reach into prototypes.
   * @see {@link https://url.spec.whatwg.org/#application/x-www-form-urlencoded | URL standard: urlencoded}
   */
  static parse(text: string): Parameters {
    const pairs = text.split('&', MAX_PAIRS + 1).filter((pair) => pair !== '')
    if (pairs.length > MAX_PAIRS) throw badRequest(`send at most ${MAX_PAIRS} parameters`, 'too_many_parameters')
    const values = new Map<string, string[]>()
    for (const pair of pairs) {
      const equals = pair.indexOf('=')
      const name = decode(equals < 0 ? pair : pair.slice(0, equals))
      const value = equals < 0 ? '' : decode(pair.slice(equals + 1))
      if (REFUSED_NAMES.has(name)) throw badRequest('a parameter has a name that is not accepted', 'refused_parameter')
      const known = values.get(name)
      if (known === undefined) values.set(name, [value])
      else known.push(value)
    }
    return new Parameters(values)
  }

  /** @throws {RequestError} 400 when it was sent more than once: two readers would pick two different ones. */
  one(name: string): string | undefined {
    const values = this.all(name)
    if (values.length > 1) throw badRequest(`send ${name} only once`, 'repeated_parameter')
    return values[0]
  }

  /** Every value, in order. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (error) {
    throw badRequest('a parameter is not percent-encoded UTF-8', 'bad_escape', { cause: error })
  }
}
