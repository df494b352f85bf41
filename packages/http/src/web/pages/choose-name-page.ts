import { type Html, html } from '../html.ts'
import { layout, notice } from './layout.ts'

/** What the page for new people shows. */
export interface ChooseNameView {
  readonly brand: string
  /** Who vouches for them. */
  readonly provider: string
  readonly username: string
  readonly problem?: string
}

/** The page on which a person who came for the first time chooses a user name. */
export const chooseNamePage = ({ brand, provider, username, problem }: ChooseNameView): Html =>
  layout({
    title: 'Choose a user name',
    brand,
    body: html`<section class="card" aria-labelledby="title">
<h1 id="title">Choose a user name</h1>
<p>You signed in with ${provider}, and this is your first time here.</p>
${problem !== undefined && notice('problem', html`<p id="problem">${problem}</p>`)}
<form method="post" action="/welcome">
<div class="field"><label for="username">User name</label>
<input id="username" name="username" type="text" value="${username}" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="255" aria-describedby="rule${problem !== undefined && ' problem'}"${problem !== undefined && html` aria-invalid="true"`}>
<p id="rule" class="quiet">It is what <code>docker login</code> asks for, and it cannot be changed later. Not allowed are spaces at either end and <code>, : &quot; ~ # % $</code></p></div>
<button class="strong" type="submit">Continue</button>
</form>
</section>`,
  })
