const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text that is markup already; only {@link html} makes it. */
export class Html {
  readonly #markup: string

  constructor(markup: string) {
    this.#markup = markup
  }

  toString(): string {
    return this.#markup
  }
}

/** What may stand in a template: text is escaped, markup and lists of it are taken over, nothing is nothing. */
export type Piece = string | number | Html | undefined | false | readonly Piece[]

/**
 * Makes markup out of a template. Whatever is put in is escaped for text and for quoted attributes; write attributes with
 * quotes, and put nothing into scripts, styles or the names of things.
 */
export function html(template: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(String.raw({ raw: template }, ...pieces.map(markupOf)))
}

function markupOf(piece: Piece): string {
  if (piece === undefined || piece === false) return ''
  if (piece instanceof Html) return piece.toString()
  if (typeof piece === 'object') return piece.map(markupOf).join('')
  return String(piece).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}
