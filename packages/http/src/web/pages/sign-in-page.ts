import { type Html, html } from '../html.ts'
import { layout, notice } from './layout.ts'

/** A provider that has a button. */
export interface ProviderButton {
  readonly name: string
  /** Where a login there begins. */
  readonly startPath: string
}

/** What the sign-in page shows. It never shows a name that was typed, so that all refusals are one page. */
export interface SignInView {
  readonly brand: string
  readonly providers: readonly ProviderButton[]
  /** Whether people can sign in with a password. */
  readonly hasForm: boolean
  /** Where to go afterwards; checked. */
  readonly next: string
  readonly problem?: string
  /** What was typed into the form is the problem. */
  readonly isWrong?: boolean
  /** What an administrator finds in the log. */
  readonly reference?: string
}

/** The page on which people sign in: a button for each provider, and a form for passwords. */
export const signInPage = (view: SignInView): Html => {
  const { brand, providers, hasForm } = view
  return layout({
    title: 'Sign in',
    brand,
    body: html`<section class="card" aria-labelledby="title">
<h1 id="title">Sign in</h1>
${problemNotice(view)}
${providers.length > 0 && html`<ul class="providers">${providers.map((provider) => providerLink(provider, view))}</ul>`}
${providers.length > 0 && hasForm && html`<p class="or"><span>or with a password</span></p>`}
${hasForm && passwordForm(view)}
${!hasForm && providers.length === 0 && html`<p>Nobody can sign in here yet: this server has neither a provider nor passwords for its pages.</p>`}
</section>`,
  })
}

function problemNotice({ problem, reference }: SignInView): Html | undefined {
  if (problem === undefined) return undefined
  const shown = reference !== undefined && html`<p class="quiet">Reference: <code>${reference}</code></p>`
  return notice('problem', html`<p id="problem">${problem}</p>${shown}`)
}

function providerLink({ name, startPath }: ProviderButton, { next, hasForm }: SignInView): Html {
  const href = next === HOME ? startPath : `${startPath}?next=${encodeURIComponent(next)}`
  return html`<li><a class="button${!hasForm && ' strong'}" href="${href}">Sign in with ${name}</a></li>`
}

function passwordForm({ next, isWrong }: SignInView): Html {
  const marks = isWrong && html` aria-invalid="true" aria-describedby="problem"`
  return html`<form method="post" action="/login">${next !== HOME && html`<input type="hidden" name="next" value="${next}">`}
<div class="field"><label for="username">User name</label>
<input id="username" name="username" type="text" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="255"${marks}></div>
<div class="field"><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024"${marks}></div>
<button class="strong" type="submit">Sign in</button>
</form>`
}

/** Where people go anyhow. */
const HOME = '/'
