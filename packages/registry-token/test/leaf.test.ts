import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { type AuditEvent, silentAudit } from '@lockkeeper/core'
import { describe, expect, it } from 'vitest'
import { createAuthority } from '../src/keys/authority.ts'
import { generateKeys } from '../src/keys/generate.ts'
import { renewedLeaf } from '../src/keys/leaf.ts'
import { stoppedClock } from './clock.ts'

const HOUR_MS = 3_600_000
const publicKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey

async function leafAt(clock: ReturnType<typeof stoppedClock>, lifetimeMs = 24 * HOUR_MS) {
  const { authority } = await createAuthority(clock.wallMs())
  const events: AuditEvent[] = []
  let issued = 0
  let broken = false
  const leaf = await renewedLeaf({
    publicKey,
    lifetimeMs,
    marginMs: HOUR_MS,
    clock,
    audit: { record: (event) => events.push(event) },
    authority: {
      ...authority,
      issue(...args) {
        issued += 1
        return broken ? Promise.reject(new Error('the disk is gone')) : authority.issue(...args)
      },
    },
  })
  const expiry = async () =>
    Date.parse(new X509Certificate(Buffer.from((await leaf.current())[0] ?? '', 'base64')).validTo)
  return {
    leaf,
    events,
    expiry,
    issued: () => issued,
    breakIt: () => {
      broken = true
    },
    mend: () => {
      broken = false
    },
  }
}

describe('a renewed leaf', () => {
  it('is kept for half of its life, and renewed after that', async () => {
    const clock = stoppedClock()
    const { expiry, issued } = await leafAt(clock)
    const first = await expiry()
    clock.move(12 * HOUR_MS - 1)
    expect(await expiry()).toBe(first)
    clock.move(1)
    expect(await expiry()).toBe(first + 12 * HOUR_MS)
    expect(issued()).toBe(2)
  })

  it('is renewed once for all who ask at the same moment', async () => {
    const clock = stoppedClock()
    const { leaf, issued } = await leafAt(clock)
    clock.move(13 * HOUR_MS)
    await Promise.all(Array.from({ length: 50 }, () => leaf.current()))
    expect(issued()).toBe(2)
  })

  it('is renewed when the clock went back to before it begins', async () => {
    const clock = stoppedClock()
    const { expiry, issued } = await leafAt(clock)
    clock.move(-48 * HOUR_MS)
    expect(await expiry()).toBe(clock.wallMs() + 24 * HOUR_MS)
    expect(issued()).toBe(2)
  })

  it('begins an hour early, for registries whose clock is behind', async () => {
    const clock = stoppedClock()
    const { leaf } = await leafAt(clock)
    const certificate = new X509Certificate(Buffer.from((await leaf.current())[0] ?? '', 'base64'))
    expect(Date.parse(certificate.validFrom)).toBe(clock.wallMs() - HOUR_MS)
  })

  it('stays in use with an alarm when it cannot be renewed, and is tried again a minute later', async () => {
    const clock = stoppedClock()
    const { expiry, issued, events, breakIt, mend } = await leafAt(clock)
    const first = await expiry()
    breakIt()
    clock.move(13 * HOUR_MS)
    expect(await expiry()).toBe(first)
    expect(await expiry()).toBe(first)
    expect(issued()).toBe(2)
    expect(events).toMatchObject([{ type: 'keys', outcome: 'renewal_failed', reason: 'the disk is gone' }])
    mend()
    clock.move(60_000)
    expect(await expiry()).toBe(clock.wallMs() + 24 * HOUR_MS)
  })

  it('is unavailable, not merely refused, once it is about to end and cannot be renewed', async () => {
    const clock = stoppedClock()
    const { leaf, breakIt } = await leafAt(clock)
    breakIt()
    clock.move(23 * HOUR_MS)
    await expect(leaf.current()).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE', backend: 'signing keys' })
  })

  it('never outlives the authority', async () => {
    const clock = stoppedClock()
    const { expiry } = await leafAt(clock, 20 * 365 * 24 * HOUR_MS)
    expect(await expiry()).toBe(Date.UTC(2036, 0, 1, 12))
  })
})

describe('an authority that is about to end', () => {
  it('stops the start, and says what to do', async () => {
    const clock = stoppedClock()
    const { authority } = await createAuthority(clock.wallMs())
    clock.move(authority.validity.untilMs - clock.wallMs() - HOUR_MS)
    const options = { authority, publicKey, lifetimeMs: 24 * HOUR_MS, marginMs: HOUR_MS, clock, audit: silentAudit }
    await expect(renewedLeaf(options)).rejects.toMatchObject({
      code: 'ERR_CONFIGURATION',
      problems: [{ path: 'ca.crt', message: expect.stringMatching(/make a new key folder/) }],
    })
  })
})

describe('generateKeys', () => {
  it('makes keys whose lifetime has a lower bound, because a certificate must outlive what is signed under it', async () => {
    await expect(generateKeys({ leafLifetimeSeconds: 3600 })).rejects.toThrow(/at least 14400/)
  })

  it('knows no algorithm that it was not asked for', async () => {
    const keys = await generateKeys({ clock: stoppedClock() })
    await expect(keys.signer('RS256')).rejects.toThrow(TypeError)
  })
})
