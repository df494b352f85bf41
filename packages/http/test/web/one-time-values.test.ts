import { describe, expect, it } from 'vitest'
import { LOGIN_COOKIE, SESSION_COOKIE, WELCOME_COOKIE } from '../../src/web/cookies.ts'
import { locationOf } from './browser.ts'
import { buildWebHouse, PASSWORD } from './web-house.ts'

type House = Awaited<ReturnType<typeof buildWebHouse>>

/** One fresh value of each kind that opens something, and two that are seen on the way. */
async function oneOfEach({ browser, callbackFor, provider, sessions, ann, annsBrowser }: House) {
  const anns = await annsBrowser()
  const made = await (await anns.post('/profile/secrets', { name: 'laptop', days: '' })).text()
  const [listed] = await sessions.list(ann.id)
  provider.onboarding = 'ask'
  const arriving = browser()
  await arriving.get(await callbackFor(arriving))
  const leaving = browser()
  const { searchParams } = new URL(await callbackFor(leaving), 'https://auth.test')
  return {
    session: anns.cookies.get(SESSION_COOKIE) ?? '',
    'digest of the session': listed?.id ?? '',
    welcome: arriving.cookies.get(WELCOME_COOKIE) ?? '',
    login: leaving.cookies.get(LOGIN_COOKIE) ?? '',
    state: searchParams.get('state') ?? '',
    code: searchParams.get('code') ?? '',
    secret: /lkcli_\w+/.exec(made)?.[0] ?? '',
    password: PASSWORD,
  }
}

type Values = Awaited<ReturnType<typeof oneOfEach>>
type Kind = keyof Values

const KINDS: readonly Kind[] = [
  'session',
  'digest of the session',
  'welcome',
  'login',
  'state',
  'code',
  'secret',
  'password',
]

interface Door {
  readonly name: string
  /** The one kind that it is for. */
  readonly opensTo: Kind
  /** Shows a value there, with all else as it should be. */
  show(value: string, house: House, values: Values): Promise<boolean>
}

const DOORS: readonly Door[] = [
  {
    name: 'the cookie of a session',
    opensTo: 'session',
    show: async (value, house) => (await withCookie(house, SESSION_COOKIE, value).get('/profile')).status === 200,
  },
  {
    name: 'the cookie of who chooses a name',
    opensTo: 'welcome',
    show: async (value, house) => (await withCookie(house, WELCOME_COOKIE, value).get('/welcome')).status === 200,
  },
  {
    name: 'the cookie of a login under way',
    opensTo: 'login',
    show: (value, house, { state }) => comesBack(house, value, state),
  },
  {
    name: 'the state of a login under way',
    opensTo: 'state',
    show: (value, house, { login }) => comesBack(house, login, value),
  },
  {
    name: 'the form for passwords',
    opensTo: 'password',
    async show(password, { browser, clock }) {
      const answer = browser().post('/login', { username: 'ann', password })
      await clock.advance(2000)
      return (await answer).status === 303
    },
  },
]

function withCookie({ browser }: House, name: string, value: string) {
  const its = browser()
  its.cookies.set(name, value)
  return its
}

async function comesBack(house: House, cookie: string, state: string): Promise<boolean> {
  const path = `/auth/oidc_auth/callback?${new URLSearchParams({ code: 'c', state })}`
  const answer = await withCookie(house, LOGIN_COOKIE, cookie).get(path)
  return locationOf(answer) === '/welcome'
}

describe.each(DOORS)('OID-03: $name', ({ opensTo, show }) => {
  it.each(KINDS)('opens to nothing else: %s', async (kind) => {
    const house = await buildWebHouse()
    const values = await oneOfEach(house)
    expect(values[kind]).not.toBe('')
    expect(await show(values[kind], house, values)).toBe(kind === opensTo)
  })
})
