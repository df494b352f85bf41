import { type Html, html, type Piece } from '../html.ts'
import { ICON_PATH, STYLESHEET_PATH } from '../static-files.ts'

/** One page, without its frame. */
export interface Page {
  /** What the tab says; the heading of the page. */
  readonly title: string
  /** What the product is called. */
  readonly brand: string
  readonly body: Html
  /** Stands in the header, on the right. */
  readonly aside?: Html
  /** For pages that hold a list: wider than a form needs. */
  readonly wide?: true
}

/** The frame around every page: no script, one stylesheet, one picture. */
export const layout = ({ title, brand, body, aside, wide }: Page): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${brand}</title>
<link rel="icon" href="${ICON_PATH}" type="image/svg+xml">
<link rel="stylesheet" href="${STYLESHEET_PATH}">
</head>
<body>
<header class="top">
<a class="brand" href="/"><img src="${ICON_PATH}" alt="" width="28" height="28">${brand}</a>
${aside}
</header>
<main class="${wide ? 'wide' : 'narrow'}">
${body}
</main>
</body>
</html>
`

/** What went wrong or was done, where it is read first. */
export const notice = (kind: 'problem' | 'done', content: Piece): Html =>
  html`<div class="notice ${kind}" role="${kind === 'problem' ? 'alert' : 'status'}">${content}</div>`
