import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { fakeClock } from '@lockkeeper/testing'
import { expect, it } from 'vitest'
import { isCliSecret, issueCliSecret, memoryNamedSecrets } from '../src/index.ts'

const make = () => ({ secrets: memoryNamedSecrets(), clock: fakeClock() })

it('MCH-01: is generated with more than 128 random bits, and no two are alike', async () => {
  const parts = make()
  const texts = new Set<string>()
  for (let i = 0; i < 50; i++) {
    const { text, secret } = await issueCliSecret(parts, { accountId: 7, name: `laptop ${i}` })
    const [, id, random = ''] = /^lkcli_([0-9A-Za-z]{12})_([0-9A-Za-z]+)$/.exec(text.reveal()) ?? []
    expect(id).toBe(secret.id)
    expect(random.length * Math.log2(62)).toBeGreaterThanOrEqual(128)
    texts.add(random)
  }
  expect(texts.size).toBe(50)
})

it('MCH-01: is shown once: what is stored is its digest, and what is printed is not it', async () => {
  const parts = make()
  const issued = await issueCliSecret(parts, { accountId: 7, name: 'laptop' })
  const text = issued.text.reveal()
  const row = await parts.secrets.find(issued.secret.id)
  expect(row?.digest).toBe(createHash('sha256').update(text).digest('hex'))
  for (const seen of [inspect(row), inspect(issued), JSON.stringify([row, issued, await parts.secrets.list(7)])]) {
    expect(seen).not.toContain(text.slice(-24))
  }
})

it('is known by its form', async () => {
  const { text } = await issueCliSecret(make(), { accountId: 7, name: 'laptop' })
  expect(isCliSecret(text.reveal())).toBe(true)
  for (const other of ['', 'lkcli', 'Lkcli_x', ` ${text.reveal()}`, 'correct horse'])
    expect(isCliSecret(other)).toBe(false)
})

it.each(['', ' laptop', 'laptop ', 'a\nb', 'a\u202eb', 'x'.repeat(65)])(
  'needs a name one can read: not %j',
  async (name) => {
    const answer = issueCliSecret(make(), { accountId: 7, name })
    await expect(answer).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
  },
)

it('MCH-02: expires in the future, if ever', async () => {
  const parts = make()
  const now = parts.clock.wallMs()
  for (const expiresAt of [now, now - 1, Number.NaN, Number.POSITIVE_INFINITY, now + 0.5]) {
    const answer = issueCliSecret(parts, { accountId: 7, name: 'laptop', expiresAt })
    await expect(answer).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
  }
  const { secret } = await issueCliSecret(parts, { accountId: 7, name: 'laptop', expiresAt: now + 1 })
  expect(secret.expiresAt).toBe(now + 1)
})
