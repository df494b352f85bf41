import { stat } from 'node:fs/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../test/measure/cpu-time.ts'
import { createPasswordHasher, type PasswordHasherOptions, type Scheme } from '../src/index.ts'
import { HARBOR_ROWS, MORE_HARBOR_ROWS } from './people.ts'

const hasher = createPasswordHasher()

describe('new passwords', () => {
  it('PWD-01: are argon2id with 19 456 KiB, 2 passes, 1 lane, a fresh salt of 16 and a tag of 32 bytes, as a PHC string', async () => {
    const [one, two] = [await hasher.hash('correct horse'), await hasher.hash('correct horse')]
    const phc = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/
    const [, salt = '', tag = ''] = phc.exec(one.hash) ?? []
    expect([salt, tag].map((part) => Buffer.from(part, 'base64').length)).toEqual([16, 32])
    expect(one).toMatchObject({ salt: '', scheme: 'argon2id' })
    expect(two.hash).not.toBe(one.hash)
    expect(await hasher.verify('correct horse', one)).toBe(true)
    expect(await hasher.verify('correct horsf', one)).toBe(false)
  })

  it('names the options there are when one is unknown', () => {
    expect(() => createPasswordHasher({ hashing: { memory: 1 } } as PasswordHasherOptions)).toThrow(
      'hashing has no memory; there are memoryKib, iterations, parallelism',
    )
  })

  it('PWD-01: cannot be configured weaker, nor so dear that a few logins exhaust the server', () => {
    const refused: readonly PasswordHasherOptions[] = [
      { hashing: { memoryKib: 1024 } },
      { hashing: { memoryKib: 19_455 } },
      { hashing: { iterations: 1 } },
      { hashing: { parallelism: 0 } },
      { hashing: { memoryKib: 262_145 } },
      { hashing: { iterations: 11 } },
      { hashing: { parallelism: 5 } },
      { hashing: { memoryKib: 19_456.5 } },
    ]
    for (const options of refused) {
      expect(() => createPasswordHasher(options)).toThrow(expect.objectContaining({ code: 'ERR_CONFIGURATION' }))
    }
    expect(() => createPasswordHasher({ hashing: { memoryKib: 1024, iterations: 1 } })).toThrow(
      /hashing\.memoryKib must be at least 19456.*; hashing\.iterations must be at least 2/,
    )
  })

  it('are written as a Harbor on the same database can read them', async () => {
    for (const harborVersion of ['sha1', 'sha256', 'pbkdf2_sha256'] as const) {
      const shared = createPasswordHasher({ sharedWithHarbor: true, harborVersion })
      const stored = await shared.hash('content')
      expect(stored).toMatchObject({ hash: expect.stringMatching(/^[0-9a-f]{32}$/), scheme: harborVersion })
      expect(stored.salt).toMatch(/^[A-Za-z0-9]{32}$/)
      expect(await hasher.verify('content', stored)).toBe(true)
    }
    expect(() => createPasswordHasher({ sharedWithHarbor: true })).toThrow(
      'harborVersion must be the password_version that the Harbor on this database writes',
    )
  })
})

describe('stored passwords', () => {
  it.each(Object.entries(HARBOR_ROWS))('PWD-02: verify as Harbor wrote them (%s)', async (_, stored) => {
    expect(await hasher.verify('content', stored)).toBe(true)
    expect(await hasher.verify('Content', stored)).toBe(false)
    expect(await hasher.verify('content', { ...stored, salt: 'salT' })).toBe(false)
  })

  it.each(Object.entries(MORE_HARBOR_ROWS))('PWD-02: verify as Harbor wrote them (%s, again)', async (_, stored) => {
    expect(await hasher.verify('Harbor12345', stored)).toBe(true)
    expect(await hasher.verify('Harbor12346', stored)).toBe(false)
  })

  it('PWD-02: never match when their version is unknown, empty or spelled differently', async () => {
    for (const scheme of ['', 'SHA256', 'sha512', 'pbkdf2-sha256']) {
      expect(await hasher.verify('content', { ...HARBOR_ROWS.sha256, scheme }), scheme).toBe(false)
    }
    const named = createPasswordHasher({ harborVersion: 'sha256' })
    expect(await named.verify('content', { ...HARBOR_ROWS.sha256, scheme: '' })).toBe(true)
    expect(await named.verify('content', { ...HARBOR_ROWS.sha256, scheme: 'SHA256' })).toBe(false)
  })

  it('PWD-04: are denied at once when their parameters are out of bounds', async () => {
    const planted = `$argon2id$v=19$m=4194304,t=10,p=1$${'s'.repeat(22)}$${'t'.repeat(43)}`
    const verify = () => hasher.verify('x', { hash: planted, salt: '', scheme: 'argon2id' })
    expect(await verify()).toBe(false)
    expect(await cpuMs(verify)).toBeLessThan(100)
  })

  it('do not match, and cost the same, when they only look like argon2id', async () => {
    const derivations: Scheme[] = []
    const counting = createPasswordHasher({}, { onDerivation: (scheme) => derivations.push(scheme) })
    // The last letter of each part carries bits that no encoder sets.
    const odd = `$argon2id$v=19$m=19456,t=2,p=1$${'s'.repeat(21)}/$${'t'.repeat(42)}/`
    expect(await counting.verify('x', { hash: odd, salt: '', scheme: 'argon2id' })).toBe(false)
    expect(derivations).toHaveLength(1)
  })

  it('LOG-05: are compared as received: not trimmed, folded, normalised or cut', async () => {
    const password = ` Pässwörd ${'x'.repeat(1000)}`.normalize('NFC')
    const stored = await hasher.hash(password)
    expect(await hasher.verify(password, stored)).toBe(true)
    for (const near of [password.trim(), password.toLowerCase(), password.normalize('NFD'), password.slice(0, -1)]) {
      expect(await hasher.verify(near, stored)).toBe(false)
    }
  })

  it('are outdated when they are weaker than what is written now', async () => {
    const dearer = createPasswordHasher({ hashing: { iterations: 3 } })
    const stored = await hasher.hash('x')
    expect([hasher.isOutdated(stored), dearer.isOutdated(stored)]).toEqual([false, true])
    expect(hasher.isOutdated(await dearer.hash('x'))).toBe(false)
    expect(hasher.isOutdated(HARBOR_ROWS.pbkdf2_sha256)).toBe(true)
    expect(hasher.isOutdated({ ...HARBOR_ROWS.sha256, scheme: 'junk' })).toBe(false)
    const shared = createPasswordHasher({ sharedWithHarbor: true, harborVersion: 'sha256' })
    expect(
      [HARBOR_ROWS.sha1, HARBOR_ROWS.sha256, HARBOR_ROWS.pbkdf2_sha256].map((row) => shared.isOutdated(row)),
    ).toEqual([true, false, false])
  })
})

describe('PWD-05: hashing', () => {
  it('leaves a thread of the pool free, or does not start', () => {
    expect(() => createPasswordHasher({ concurrency: 4 })).toThrow('must leave a thread free: at most 3')
    expect(() => createPasswordHasher({ concurrency: 3 })).not.toThrow()
  })

  it('is refused before it begins when too many wait', async () => {
    let derivations = 0
    const small = createPasswordHasher({ concurrency: 1, queue: 2 }, { onDerivation: () => derivations++ })
    const settled = await Promise.allSettled(Array.from({ length: 10 }, () => small.hash('x')))
    const refused = settled.filter((one) => one.status === 'rejected')
    expect(refused).toHaveLength(7)
    for (const { reason } of refused)
      expect(reason).toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE', backend: 'password hashing' })
    expect(derivations).toBe(3)
  })

  it('stalls neither the event loop nor files during a flood', async () => {
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const startedAt = performance.now()
    let isOver = false
    const flood = Promise.all(Array.from({ length: 60 }, () => hasher.hash('x'))).finally(() => {
      isOver = true
    })
    let longestProbe = 0
    while (!isOver) {
      const probedAt = performance.now()
      await stat('.')
      longestProbe = Math.max(longestProbe, performance.now() - probedAt)
    }
    await flood
    delay.disable()
    const floodMs = performance.now() - startedAt
    // Unbounded, the first probe waits behind all sixty; hashing on the event loop would stop it as long.
    expect(longestProbe).toBeLessThan(floodMs / 3)
    expect(delay.max / 1e6).toBeLessThan(floodMs / 3)
  })
})
