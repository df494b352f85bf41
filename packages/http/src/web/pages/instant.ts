import { type Html, html } from '../html.ts'

const FORMAT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })

/** An instant for people and for programs: the server does not know the reader's time zone, so it names its own. */
export const instant = (wallMs: number): Html =>
  html`<time datetime="${new Date(wallMs).toISOString()}">${FORMAT.format(wallMs)} UTC</time>`
