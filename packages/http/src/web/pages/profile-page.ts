import type { Account, ListedSession, NamedSecret } from '@lockkeeper/core'
import { type Html, html } from '../html.ts'
import { browserName } from './browser-name.ts'
import { instant } from './instant.ts'
import { layout, notice } from './layout.ts'
import { signOutForm } from './sign-out-page.ts'

/** What the profile shows. */
export interface ProfileView {
  readonly brand: string
  readonly account: Account
  /** Milliseconds of the wall clock. */
  readonly now: number
  /** What the person signed in with, where its sign-out page is known. */
  readonly provider?: string
  /** The line that is typed into a shell. */
  readonly command: string
  /** What people type after it who have no secrets. */
  readonly commandTakes: keyof typeof WITHOUT_SECRETS
  /** Absent where nobody can make secrets. */
  readonly secrets?: readonly NamedSecret[]
  /** Whether secrets of this person would work. */
  readonly canMakeSecrets?: boolean
  readonly sessions: readonly ListedSession[]
  /** The digest of the session that asks. */
  readonly current: string
  readonly problem?: string
  readonly done?: string
  /** A secret that was made just now, and is never shown again. */
  readonly made?: MadeSecretView
}

/** A new secret, in the clear. */
export interface MadeSecretView {
  readonly name: string
  readonly secret: string
}

/** The page of a person: secrets for the command line, sessions, and the way out. */
export const profilePage = (view: ProfileView): Html =>
  layout({
    title: 'Your profile',
    brand: view.brand,
    wide: true,
    aside: signOutForm(view.provider),
    body: html`<h1>${view.account.displayName ?? view.account.username}</h1>
<p class="quiet">Signed in as <strong>${view.account.username}</strong>${view.account.email !== undefined && html`, ${view.account.email}`}${view.account.isAdmin && html` · <span class="tag">Administrator</span>`}</p>
${view.problem !== undefined && notice('problem', html`<p>${view.problem}</p>`)}
${view.done !== undefined && notice('done', html`<p>${view.done}</p>`)}
${view.made && madeSecret(view.made, view.command)}
${view.secrets && (view.canMakeSecrets ? secretsSection(view.secrets, view.now) : passwordSection(view.secrets, view))}
${sessionsSection(view)}`,
  })

const madeSecret = (
  { name, secret }: MadeSecretView,
  command: string,
): Html => html`<section class="card made" aria-labelledby="made">
<h2 id="made">“${name}” is ready</h2>
<p><strong>Copy the secret now: it is shown this once.</strong> Whoever has it can do what you can do in the registry.</p>
${copyField('secret', 'Secret', secret)}
${copyField('command', 'Sign in on the command line', command)}
<p class="quiet">Paste the secret when you are asked for a password.</p>
</section>`

/** A field, because with the keyboard alone one can select what is in a field, and nothing else. */
const copyField = (
  id: string,
  label: string,
  value: string,
): Html => html`<div class="field"><label for="${id}">${label}</label>
<input class="copy" id="${id}" type="text" readonly value="${value}" autocomplete="off" spellcheck="false"></div>`

const secretsSection = (
  secrets: readonly NamedSecret[],
  now: number,
): Html => html`<section class="card" aria-labelledby="secrets">
<h2 id="secrets">Secrets for the command line</h2>
<p>A secret stands in for your password with <code>docker login</code>. Make one for each machine, so that you can revoke it alone.</p>
${
  secrets.length === 0
    ? html`<p class="empty">You have none yet.</p>`
    : html`<ul class="rows">${secrets.map((secret) => secretRow(secret, now))}</ul>`
}
<form class="inline" method="post" action="/profile/secrets">
<div class="field"><label for="name">Name of a new secret</label>
<input id="name" name="name" type="text" required maxlength="64" placeholder="laptop" autocomplete="off"></div>
<div class="field"><label for="days">Expires</label>
<select id="days" name="days"><option value="30">in 30 days</option><option value="90" selected>in 90 days</option><option value="365">in a year</option><option value="">never</option></select></div>
<button class="strong" type="submit">Make a secret</button>
</form>
</section>`

const WITHOUT_SECRETS = {
  password:
    'Use your usual password. There are no secrets for your account, because without your password nobody can be asked whether you are still welcome here.',
  token:
    'Use a token of yours where you are asked for a password. There are no secrets for your account, because without your token nobody can be asked whether you are still welcome here.',
}

/** For people whose secrets would never work. Secrets of earlier times can still be revoked. */
const passwordSection = (
  secrets: readonly NamedSecret[],
  { command, commandTakes, now }: ProfileView,
): Html => html`<section class="card" aria-labelledby="secrets">
<h2 id="secrets">On the command line</h2>
<p>${WITHOUT_SECRETS[commandTakes]}</p>
${copyField('command', 'Sign in on the command line', command)}
${secrets.length > 0 && html`<p>These secrets of earlier times open nothing any more:</p><ul class="rows">${secrets.map((secret) => secretRow(secret, now))}</ul>`}
</section>`

const secretRow = ({ id, name, createdAt, expiresAt, lastUsedAt }: NamedSecret, now: number): Html => {
  const isOver = expiresAt !== undefined && now >= expiresAt
  return html`<li><div><strong>${name}</strong>${isOver && html` <span class="tag warn">Expired</span>`}
<p class="quiet">Made ${instant(createdAt)} · ${lastUsedAt === undefined ? 'never used' : html`last used ${instant(lastUsedAt)}`} · ${expiresAt === undefined ? 'never expires' : html`${isOver ? 'expired' : 'expires'} ${instant(expiresAt)}`}</p></div>
<form method="post" action="/profile/secrets/revoke"><input type="hidden" name="id" value="${id}"><button class="danger" type="submit">Revoke<span class="hidden"> ${name}</span></button></form></li>`
}

const sessionsSection = ({
  sessions,
  current,
}: ProfileView): Html => html`<section class="card" aria-labelledby="sessions">
<h2 id="sessions">Where you are signed in</h2>
<ul class="rows">${sessions.map((session) => sessionRow(session, session.id === current))}</ul>
${sessions.length > 1 && html`<form method="post" action="/profile/sessions/revoke"><button class="danger" type="submit" name="others" value="all">Sign out everywhere else</button></form>`}
</section>`

const sessionRow = ({ id, userAgent, source, createdAt, lastSeenAt }: ListedSession, isCurrent: boolean): Html => {
  const browser = browserName(userAgent)
  return html`<li><div><strong>${browser}</strong>${isCurrent && html` <span class="tag">This browser</span>`}
<p class="quiet">${source !== undefined && html`From ${source} · `}signed in ${instant(createdAt)} · last seen ${instant(lastSeenAt)}</p></div>
${!isCurrent && html`<form method="post" action="/profile/sessions/revoke"><input type="hidden" name="id" value="${id}"><button class="danger" type="submit">Sign out<span class="hidden"> ${browser}, last seen ${instant(lastSeenAt)}</span></button></form>`}</li>`
}
