import { type Html, html } from '../html.ts'
import { layout } from './layout.ts'

/** The form that signs out; a form, because following a link changes nothing. */
export const signOutForm = (
  provider: string | undefined,
): Html => html`<form class="row" method="post" action="/logout">
<button type="submit">Sign out</button>
${provider !== undefined && html`<button type="submit" name="provider" value="too">Sign out, also at ${provider}</button>`}
</form>`

/** The page that asks before it signs out. */
export const signOutPage = (view: {
  readonly brand: string
  readonly username: string
  readonly provider?: string
}): Html =>
  layout({
    title: 'Sign out',
    brand: view.brand,
    body: html`<section class="card" aria-labelledby="title">
<h1 id="title">Sign out?</h1>
<p>You are signed in as <strong>${view.username}</strong>.</p>
${signOutForm(view.provider)}
<p><a href="/profile">Back to your profile</a></p>
</section>`,
  })
