import type { PasswordStore, StoredPassword } from '@lockkeeper/core'
import { fakeClock } from '@lockkeeper/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { createPasswordHasher, dbAuth, type PasswordHasherOptions, type Scheme } from '../src/index.ts'
import { call, HARBOR_ROWS, named, peopleWith } from './people.ts'

const describeScheme = (scheme: Scheme): string =>
  scheme.kind === 'pbkdf2'
    ? `${scheme.digest} ${scheme.rounds}`
    : `argon2id m=${scheme.memoryKib} t=${scheme.iterations} p=${scheme.parallelism}`

const CURRENT = 'argon2id m=19456 t=2 p=1'
const DEARER = 'argon2id m=19456 t=3 p=1'

let content: StoredPassword
let dearer: StoredPassword
beforeAll(async () => {
  content = await createPasswordHasher().hash('content')
  dearer = await createPasswordHasher({ hashing: { iterations: 3 } }).hash('content')
})

/** Counts the derivations of one login, adding up rounds of PBKDF2. */
async function workOf(passwords: PasswordStore, typed: string, password: string, options: PasswordHasherOptions = {}) {
  const derivations: Scheme[] = []
  const hasher = createPasswordHasher(options, { onDerivation: (scheme) => derivations.push(scheme) })
  const candidate = await dbAuth({ passwords, hasher, upgradeOnLogin: false }).lookUp(named(typed), call)
  const { outcome } = await candidate.verify(password, call)
  const rounds = new Map<string, number>()
  const others: string[] = []
  for (const scheme of derivations) {
    if (scheme.kind === 'argon2id') others.push(describeScheme(scheme))
    else rounds.set(scheme.digest, (rounds.get(scheme.digest) ?? 0) + scheme.rounds)
  }
  return { outcome, work: [...others, ...[...rounds].map(([digest, sum]) => `${digest} ${sum}`)].sort() }
}

describe('LOG-02: a refusal', () => {
  it('costs exactly one argon2id where that is all there is: unknown, wrong, disabled, external, without password, unknown scheme', async () => {
    const people = await peopleWith(
      { jane: content, disabled: content, odd: { ...HARBOR_ROWS.sha256, scheme: 'odd' } },
      ['lena'],
    )
    await people.setDisabled(2, true)
    await people.add({ username: 'none' })
    for (const typed of ['nobody', 'jane', 'disabled', 'lena', 'none', 'odd']) {
      for (const password of ['wrong', typed === 'jane' ? 'also wrong' : 'content']) {
        const { outcome, work } = await workOf(people, typed, password)
        expect(outcome, typed).not.toBe('authenticated')
        expect(work, typed).toEqual([CURRENT])
      }
    }
    expect(await workOf(people, 'jane', 'content')).toEqual({ outcome: 'authenticated', work: [CURRENT] })
  })

  it('costs the same whatever the row holds, while legacy rows are there', async () => {
    const people = await peopleWith({ ...HARBOR_ROWS, new: content, old: dearer }, ['lena'])
    const expected = [CURRENT, DEARER, 'sha1 4096', 'sha256 600000'].sort()
    for (const typed of ['nobody', 'lena', 'sha1', 'sha256', 'pbkdf2_sha256', 'new', 'old']) {
      expect((await workOf(people, typed, 'wrong')).work, typed).toEqual(expected)
    }
  })

  it('follows parameters that are changed, upwards and downwards', async () => {
    const people = await peopleWith({ jane: content })
    const raised = { hashing: { iterations: 3 } }
    for (const typed of ['jane', 'nobody']) {
      expect((await workOf(people, typed, 'wrong', raised)).work, typed).toEqual([CURRENT, DEARER])
    }
    const lowered = await peopleWith({ jane: dearer })
    for (const typed of ['jane', 'nobody']) {
      expect((await workOf(lowered, typed, 'wrong')).work, typed).toEqual([CURRENT, DEARER])
    }
  })

  it('costs what Harbor’s scheme costs on a database that it shares', async () => {
    const people = await peopleWith({ old: HARBOR_ROWS.sha256, new: HARBOR_ROWS.pbkdf2_sha256 })
    const shared = { sharedWithHarbor: true, harborVersion: 'sha256' } as const
    for (const typed of ['old', 'new', 'nobody']) {
      expect((await workOf(people, typed, 'wrong', shared)).work, typed).toEqual(['sha256 600000'])
    }
  })

  it('counts a row that appeared after the start', async () => {
    const people = await peopleWith({ jane: content })
    const derivations: Scheme[] = []
    const hasher = createPasswordHasher({}, { onDerivation: (scheme) => derivations.push(scheme) })
    const clock = fakeClock()
    const auth = dbAuth({ passwords: people, hasher, clock, upgradeOnLogin: false })
    const refuse = async (typed: string) => {
      derivations.length = 0
      await (await auth.lookUp(named(typed), call)).verify('wrong', call)
      return derivations.map(describeScheme)
    }
    expect(await refuse('nobody')).toEqual([CURRENT])
    await people.add({ username: 'imported', password: HARBOR_ROWS.sha1 })
    expect(await refuse('imported')).toEqual(['sha1 4096', CURRENT])
    expect(await refuse('nobody')).toEqual([CURRENT, 'sha1 4096'])

    await people.add({ username: 'unseen', password: dearer })
    await clock.advance(5 * 60_000)
    await refuse('nobody')
    expect(await refuse('nobody')).toEqual([CURRENT, 'sha1 4096', DEARER])
  })

  it('PWD-04: is not made dear for everybody by a planted row', async () => {
    const plant = (parameters: string) => ({ ...content, hash: content.hash.replace('m=19456,t=2,p=1', parameters) })
    const planted = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`p${i}`, plant(`m=${20_000 + i},t=3,p=1`)]),
    )
    const people = await peopleWith({ jane: content, giant: plant('m=262144,t=10,p=4'), ...planted })
    const { work } = await workOf(people, 'nobody', 'wrong')
    expect(work.length).toBeLessThanOrEqual(4)
    expect(work.join()).not.toContain('262144')
  })

  it('is not longer for a longer password', async () => {
    const people = await peopleWith({ jane: content })
    const short = await workOf(people, 'jane', 'x'.repeat(8))
    expect((await workOf(people, 'jane', 'x'.repeat(512))).work).toEqual(short.work)
  })
})
