/** What {@link parseStrictJson} returns: objects are maps, so no name from outside is ever a property. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject

/** A JSON object by the names of its members. */
export type JsonObject = ReadonlyMap<string, JsonValue>

/** Why a text was not taken. */
export type JsonProblem = 'malformed' | 'duplicate_member' | 'too_deep'

/** What {@link parseStrictJson} found. */
export type JsonResult =
  | { readonly outcome: 'parsed'; readonly value: JsonValue }
  | { readonly outcome: 'rejected'; readonly problem: JsonProblem }

const MAX_DEPTH = 8

/**
 * Reads JSON so that every other reader sees the same in it: UTF-8 without byte order mark, no name twice in an object
 * (also not in two spellings), well-formed Unicode, at most eight levels. `JSON.parse` would take the last of two equal
 * names, and the next reader the first.
 *
 * Numbers are integers here: one that is written with a fraction or an exponent reads as `NaN`, which no claim accepts.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8259 | RFC 8259}
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-4 | RFC 7515 section 4}, unique header parameter names
 */
export function parseStrictJson(bytes: Uint8Array): JsonResult {
  try {
    // A byte order mark stays in the text, where no value begins with it.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return { outcome: 'parsed', value: new JsonReader(text).readWhole() }
  } catch (error) {
    return { outcome: 'rejected', problem: error instanceof Rejected ? error.problem : 'malformed' }
  }
}

class Rejected extends Error {
  readonly problem: JsonProblem

  constructor(problem: JsonProblem) {
    super(problem)
    this.problem = problem
  }
}

const SPACE = /[ \t\n\r]*/y
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\u0000-\u001f]*)*"/y
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const LITERAL = /true|false|null/y
const LITERALS = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
])
/** Names that mean something else to whoever copies members into a plain object. */
const REFUSED_NAMES = new Set(['__proto__', 'constructor', 'prototype'])

class JsonReader {
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  readWhole(): JsonValue {
    this.#take(SPACE)
    const value = this.#readValue()
    this.#take(SPACE)
    if (this.#at !== this.#text.length) throw new Rejected('malformed')
    return value
  }

  #readValue(): JsonValue {
    switch (this.#text[this.#at]) {
      case '{':
        return this.#nested(() => this.#readObject())
      case '[':
        return this.#nested(() => this.#readArray())
      case '"':
        return this.#readString()
      default:
        return this.#readScalar()
    }
  }

  #nested<T>(read: () => T): T {
    this.#depth += 1
    if (this.#depth > MAX_DEPTH) throw new Rejected('too_deep')
    const value = read()
    this.#depth -= 1
    return value
  }

  #readObject(): JsonObject {
    const members = new Map<string, JsonValue>()
    this.#readList('}', () => {
      const name = this.#readString()
      if (REFUSED_NAMES.has(name)) throw new Rejected('malformed')
      if (members.has(name)) throw new Rejected('duplicate_member')
      this.#take(SPACE)
      this.#expect(':')
      this.#take(SPACE)
      members.set(name, this.#readValue())
    })
    return members
  }

  #readArray(): readonly JsonValue[] {
    const items: JsonValue[] = []
    this.#readList(']', () => items.push(this.#readValue()))
    return items
  }

  /** The opening bracket, elements with commas between them, and `end`. */
  #readList(end: string, readElement: () => void): void {
    this.#at += 1
    this.#take(SPACE)
    if (this.#text[this.#at] === end) {
      this.#at += 1
      return
    }
    for (;;) {
      readElement()
      this.#take(SPACE)
      if (this.#text[this.#at] === end) break
      this.#expect(',')
      this.#take(SPACE)
    }
    this.#at += 1
  }

  #readString(): string {
    const quoted = this.#take(STRING)
    if (quoted === '') throw new Rejected('malformed')
    const text: unknown = JSON.parse(quoted)
    // Half a surrogate pair would become another character wherever it is written as UTF-8.
    if (typeof text !== 'string' || !text.isWellFormed()) throw new Rejected('malformed')
    return text
  }

  #readScalar(): JsonValue {
    const literal = LITERALS.get(this.#take(LITERAL))
    if (literal !== undefined) return literal
    const number = this.#take(NUMBER)
    if (number === '') throw new Rejected('malformed')
    return /^-?[0-9]+$/.test(number) ? Number(number) : Number.NaN
  }

  #expect(character: string): void {
    if (this.#text[this.#at] !== character) throw new Rejected('malformed')
    this.#at += 1
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)?.[0] ?? ''
    this.#at += match.length
    return match
  }
}
