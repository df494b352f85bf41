import type { Challenge } from './challenge.ts'
import { matchAt, SEPARATORS, SPACE, TOKEN, TOKEN68 } from './challenge-grammar.ts'

/**
 * What can be wrong with a challenge:
 * - `unterminated_quote`: the closing quotation mark is missing
 * - `missing_value`: nothing follows `=`
 * - `garbage_after_parameter`: something other than a comma follows a value, mostly because the comma is missing
 * - `parameter_without_scheme`: `name=` where no challenge is open
 * - `bad_character`: a character that cannot stand there
 * - `duplicate_parameter`: the name occurred before in this challenge; the last value wins, as in all clients
 * - `too_long`, `too_many`: beyond {@link CHALLENGE_LIMITS}
 */
export type ChallengeProblemCode =
  | 'unterminated_quote'
  | 'missing_value'
  | 'garbage_after_parameter'
  | 'parameter_without_scheme'
  | 'bad_character'
  | 'duplicate_parameter'
  | 'too_long'
  | 'too_many'

/** One thing that is wrong with a header, and where. */
export interface ChallengeProblem {
  readonly code: ChallengeProblemCode
  /** Which of the header fields, from 0. */
  readonly field: number
  /** Where in that field, in characters from 0. */
  readonly offset: number
}

/** What {@link parseChallenges} understood, and what it did not. */
export interface ParsedChallenges {
  readonly challenges: readonly Challenge[]
  readonly problems: readonly ChallengeProblem[]
}

/** The most that {@link parseChallenges} reads of one answer, all its fields together. */
export const CHALLENGE_LIMITS = { characters: 65_536, challenges: 32, parameters: 256 } as const

/**
 * Reads the `WWW-Authenticate` fields of one answer: several challenges in one field, several fields, quoted strings
 * with commas and escapes, empty list elements, spaces around `=`.
 *
 * Whatever is malformed ends its challenge and the rest of its field; what was read before stays.
 * Takes linear time and never throws.
 *
 * @param values The fields in order, one field, or `null` for none (what `Headers.get` returns).
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1 | RFC 9110 section 11.6.1}
 */
export function parseChallenges(values: readonly string[] | string | null): ParsedChallenges {
  const fields = values === null ? [] : typeof values === 'string' ? [values] : values
  const reader = new ChallengeReader()
  let remaining: number = CHALLENGE_LIMITS.characters
  for (const [field, text] of fields.entries()) {
    remaining -= text.length
    if (remaining < 0) {
      reader.problems.push({ code: 'too_long', field, offset: 0 })
      break
    }
    reader.readField(field, text)
  }
  return { challenges: reader.challenges, problems: reader.problems }
}

interface OpenChallenge {
  readonly scheme: string
  readonly params: Map<string, string>
  token68?: string
}

type ValueRead = { readonly value: string } | { readonly problem: ChallengeProblemCode }

/** Reads field after field; each `#read…` method answers the problem that ends the field, if there is one. */
class ChallengeReader {
  readonly challenges: OpenChallenge[] = []
  readonly problems: ChallengeProblem[] = []
  // Survives from field to field: several fields mean the same as one that joins them with commas.
  #open: OpenChallenge | undefined
  #parameterCount = 0
  #field = 0
  #text = ''
  #at = 0

  readField(field: number, text: string): void {
    this.#field = field
    this.#text = text
    this.#at = 0
    const code = this.#readElements()
    if (code === undefined) return
    this.problems.push({ code, field, offset: this.#at })
    this.#open = undefined
  }

  #readElements(): ChallengeProblemCode | undefined {
    for (;;) {
      this.#take(SEPARATORS)
      if (this.#at === this.#text.length) return undefined
      const problem = this.#readElement()
      if (problem !== undefined) return problem
    }
  }

  /** A parameter of the open challenge when `=` follows the first token, else the scheme of a new challenge. */
  #readElement(): ChallengeProblemCode | undefined {
    const start = this.#at
    const token = this.#take(TOKEN)
    if (token === '') return 'bad_character'
    const space = this.#take(SPACE)
    if (this.#text[this.#at] === '=') return this.#readParameter(token, start)
    if (space === '' && !this.#atElementEnd()) return 'bad_character'
    if (this.challenges.length === CHALLENGE_LIMITS.challenges) return 'too_many'
    this.#open = { scheme: token.toLowerCase(), params: new Map() }
    this.challenges.push(this.#open)
    return this.#atElementEnd() ? undefined : this.#readFirstOf(this.#open)
  }

  /** What directly follows a scheme: only there a token68 can stand, and only with nothing else before the comma. */
  #readFirstOf(challenge: OpenChallenge): ChallengeProblemCode | undefined {
    const start = this.#at
    const token68 = this.#take(TOKEN68)
    this.#take(SPACE)
    if (this.#atElementEnd()) {
      challenge.token68 = token68
      this.#open = undefined
      return undefined
    }
    this.#at = start
    const name = this.#take(TOKEN)
    this.#take(SPACE)
    if (name === '' || this.#text[this.#at] !== '=') return 'bad_character'
    return this.#readParameter(name, start)
  }

  #readParameter(spelling: string, start: number): ChallengeProblemCode | undefined {
    if (this.#open === undefined) return 'parameter_without_scheme'
    if (this.#parameterCount === CHALLENGE_LIMITS.parameters) return 'too_many'
    this.#parameterCount += 1
    this.#at += 1 // the equals sign
    this.#take(SPACE)
    const read = this.#readValue()
    if ('problem' in read) return read.problem

    const name = spelling.toLowerCase()
    if (this.#open.params.has(name)) {
      this.problems.push({ code: 'duplicate_parameter', field: this.#field, offset: start })
    }
    this.#open.params.set(name, read.value)
    this.#take(SPACE)
    return this.#atElementEnd() ? undefined : 'garbage_after_parameter'
  }

  #readValue(): ValueRead {
    if (this.#atElementEnd()) return { problem: 'missing_value' }
    if (this.#text[this.#at] === '"') return this.#readQuoted()
    const value = this.#take(TOKEN)
    return value === '' ? { problem: 'bad_character' } : { value }
  }

  #readQuoted(): ValueRead {
    const pieces: string[] = []
    let pieceStart = this.#at + 1
    for (let at = pieceStart; at < this.#text.length; at += 1) {
      const character = this.#text[at]
      if (character === '"') {
        pieces.push(this.#text.slice(pieceStart, at))
        this.#at = at + 1
        return { value: pieces.join('') }
      }
      if (character === '\\') {
        pieces.push(this.#text.slice(pieceStart, at))
        at += 1 // the backslash stands for exactly the character after it, whichever that is
        pieceStart = at
      }
      if (isControl(this.#text.charCodeAt(at))) {
        this.#at = at
        return { problem: 'bad_character' }
      }
    }
    return { problem: 'unterminated_quote' }
  }

  #take(pattern: RegExp): string {
    const match = matchAt(pattern, this.#text, this.#at)
    this.#at += match.length
    return match
  }

  #atElementEnd(): boolean {
    return this.#at === this.#text.length || this.#text[this.#at] === ','
  }
}

const isControl = (code: number): boolean => (code < 0x20 && code !== 0x09) || code === 0x7f
