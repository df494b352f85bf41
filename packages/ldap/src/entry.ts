import type { Entry } from 'ldapts'

/** One value: text, or bytes that are no text. */
export type Value = string | Buffer

/** An entry of the directory, read without regard to how the directory spells attribute names. */
export class DirectoryEntry {
  readonly dn: string
  readonly #values: ReadonlyMap<string, readonly Value[]>

  constructor({ dn, ...attributes }: Entry) {
    this.dn = dn
    const values = new Map<string, Value[]>()
    // A map: the directory chooses the names, and one of them may be __proto__.
    for (const [name, value] of Object.entries(attributes)) {
      // Active Directory gives long lists in pieces, and says so in the name; the first piece counts.
      const key = name.toLowerCase().replace(/;range=.*$/, '')
      values.set(key, [...(values.get(key) ?? []), ...(Array.isArray(value) ? value : [value])])
    }
    this.#values = values
  }

  /** All values of an attribute, none when the entry does not have it or we may not see it. */
  values(attribute: string): readonly Value[] {
    return this.#values.get(attribute.toLowerCase()) ?? []
  }

  /** All values that are text. */
  texts(attribute: string): readonly string[] {
    return this.values(attribute).filter((value) => typeof value === 'string')
  }

  /** The first value that a person can read, cut to 255 characters. */
  display(attribute: string): string | undefined {
    const text = this.texts(attribute).find((value) => value.trim() !== '' && !/\p{Cc}/u.test(value))
    return text?.trim().slice(0, 255)
  }
}
