import { memorySessions, type SealedPlace, type SessionRecord, type TokenCipher } from '@lockkeeper/core'
import { fakeClock } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { SESSION_COOKIE, WELCOME_COOKIE } from '../../src/web/cookies.ts'
import { locationOf } from './browser.ts'
import { person } from './fake-external-login.ts'
import { buildWebHouse } from './web-house.ts'

/** Seals so that a test can see what was sealed, and where. */
const fakeCipher: TokenCipher = {
  seal: (plain, place) => JSON.stringify({ sealed: Buffer.from(plain).toString('hex'), place }),
  open(sealed, place: SealedPlace) {
    const kept = JSON.parse(sealed)
    if (JSON.stringify(kept.place) !== JSON.stringify(place)) throw new Error('moved')
    return Buffer.from(kept.sealed, 'hex').toString()
  },
}

/** A house in which a new person has come as far as the page that asks for a name. */
async function arrived(more: Parameters<typeof buildWebHouse>[0] = {}) {
  const house = await buildWebHouse(more)
  house.provider.onboarding = 'ask'
  const hers = house.browser()
  const answer = await hers.get(await house.callbackFor(hers, '/auth/oidc_auth/start?next=/profile'))
  return { ...house, hers, answer }
}

describe('a person who comes for the first time', () => {
  it('chooses a user name, and is then signed in and where she wanted to go', async () => {
    const { hers, answer, accountStore } = await arrived()
    expect(locationOf(answer)).toBe('/welcome')
    expect(hers.cookies.has(SESSION_COOKIE)).toBe(false)
    expect(await (await hers.get('/welcome')).text()).toContain('value="jane"')
    const chosen = await hers.post('/welcome', { username: 'jane.doe' })
    expect(locationOf(chosen)).toBe('/profile')
    expect([...hers.cookies.keys()]).toEqual([SESSION_COOKIE])
    expect(await accountStore.findByLink(person('jane'))).toMatchObject({ username: 'jane.doe', mode: 'oidc_auth' })
  })

  it('is not asked again, whatever the provider calls her later', async () => {
    const { hers, browser, callbackFor, provider } = await arrived()
    await hers.post('/welcome', { username: 'jane.doe' })
    provider.person = person('renamed', { subject: 'sub-jane' })
    const later = browser()
    expect(locationOf(await later.get(await callbackFor(later)))).toBe('/')
    expect(await (await later.get('/profile')).text()).toContain('jane.doe')
  })

  it.each(['ann', 'ANN', 'Ａnn'])('is told that a name is taken, and chooses another: %s', async (taken) => {
    const { hers } = await arrived()
    const clash = await hers.post('/welcome', { username: taken })
    expect(clash.status).toBe(422)
    expect(await clash.text()).toContain('That user name is taken')
    expect(hers.cookies.has(SESSION_COOKIE)).toBe(false)
    expect(locationOf(await hers.post('/welcome', { username: 'jane' }))).toBe('/profile')
  })

  it.each([
    '',
    ' jane',
    'jane ',
    'a,b',
    'robot$x',
    'a:b',
    'a"b',
    '~a',
    '#a',
    '50%',
    'a\u0000b',
    'a\u202eb',
    'a'.repeat(256),
  ])('is told that this cannot be a name: %j', async (username) => {
    const { hers, accountStore } = await arrived()
    const answer = await hers.post('/welcome', { username })
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('That cannot be a user name')
    expect(await accountStore.findByLink(person('jane'))).toBeUndefined()
  })

  it('SES-05: sees what she typed as text', async () => {
    const { hers } = await arrived()
    const page = await (await hers.post('/welcome', { username: '"><script>alert(1)</script>:' })).text()
    expect(page).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;:"')
    expect(page).not.toContain('<script')
  })

  it('OID-02: answers once, also when two answers come together', async () => {
    const { hers, sessions, accountStore } = await arrived()
    const copies = Array.from({ length: 10 }, () => hers.copy())
    const answers = await Promise.all(copies.map((copy, index) => copy.post('/welcome', { username: `jane${index}` })))
    expect(answers.filter((answer) => locationOf(answer) === '/profile')).toHaveLength(1)
    const account = await accountStore.findByLink(person('jane'))
    expect(await sessions.list(account?.id ?? 0)).toHaveLength(1)
    expect(locationOf(await hers.post('/welcome', { username: 'other' }))).toMatch(/problem=expired/)
  })

  it('has ten minutes', async () => {
    const { hers, clock } = await arrived()
    await clock.advance(600_000)
    expect(locationOf(await hers.get('/welcome'))).toMatch(/problem=expired/)
    expect(locationOf(await hers.post('/welcome', { username: 'jane' }))).toMatch(/problem=expired/)
  })

  it('is nobody without the cookie of her browser', async () => {
    const { browser } = await arrived()
    expect(locationOf(await browser().get('/welcome'))).toMatch(/problem=expired/)
    const other = browser()
    other.cookies.set(WELCOME_COOKIE, 'A'.repeat(43))
    expect(locationOf(await other.post('/welcome', { username: 'jane' }))).toMatch(/problem=expired/)
  })

  it('OID-10: keeps the grant sealed while she chooses, and it is hers afterwards', async () => {
    const { kept, store: sessionStore } = spyStore()
    const { hers, grants, accountStore } = await arrived({ cipher: fakeCipher, sessionStore })
    expect(JSON.stringify(kept)).toContain('sealed')
    expect(JSON.stringify(kept)).not.toContain('refresh-token-1')
    await hers.post('/welcome', { username: 'jane' })
    const account = await accountStore.findByLink(person('jane'))
    expect(await grants.read(account?.id ?? 0)).toMatchObject({ grant: { refreshToken: 'refresh-token-1' } })
  })

  it('OID-10: keeps no grant in the clear where there is nothing to seal it with', async () => {
    const { kept, store: sessionStore } = spyStore()
    const { hers, grants, accountStore } = await arrived({ sessionStore })
    expect(kept).toHaveLength(2)
    expect(JSON.stringify(kept)).not.toContain('refresh-token-1')
    await hers.post('/welcome', { username: 'jane' })
    expect(await grants.read((await accountStore.findByLink(person('jane')))?.id ?? 0)).toBeUndefined()
  })
})

/** A store that shows what it was given. */
function spyStore() {
  const kept: SessionRecord[] = []
  const store = memorySessions({ clock: fakeClock() })
  const set = store.set.bind(store)
  store.set = async (id, record) => {
    kept.push(record)
    await set(id, record)
  }
  return { kept, store }
}
