import { type Html, html } from '../html.ts'
import { layout } from './layout.ts'

/** What a page says that only tells something. */
export interface MessageView {
  readonly brand: string
  readonly title: string
  /** What happened, and what to do. */
  readonly text: string
  readonly link: { readonly href: string; readonly text: string }
  /** What an administrator finds in the log. */
  readonly reference?: string
}

/** A page that tells one thing and leads on: errors, and what comes after signing out. */
export const messagePage = ({ brand, title, text, link, reference }: MessageView): Html =>
  layout({
    title,
    brand,
    body: html`<section class="card" aria-labelledby="title">
<h1 id="title">${title}</h1>
<p>${text}</p>
${reference !== undefined && html`<p class="quiet">Reference for your administrator: <code>${reference}</code></p>`}
<p><a class="button strong" href="${link.href}">${link.text}</a></p>
</section>`,
  })
