import { describe, expect, it, vi } from 'vitest'
import { ResultCache } from '../src/verify/result-cache.ts'
import { trustedKeys } from '../src/verify/trusted-keys.ts'
import { certify } from './certificates.ts'
import { stoppedClock } from './clock.ts'
import { claims, controllerFor, ecKey, forge, jwksOf, NOW, outcomeOf } from './forge.ts'

const verifications = vi.hoisted(() => ({ count: 0 }))
vi.mock('jose', async (original) => {
  const jose = await original<typeof import('jose')>()
  const compactVerify = (...args: Parameters<typeof jose.compactVerify>) => {
    verifications.count += 1
    return jose.compactVerify(...args)
  }
  return { ...jose, compactVerify }
})

/** How many signatures were verified while `run` ran. */
async function counted(run: () => Promise<unknown>): Promise<number> {
  const before = verifications.count
  await run()
  return verifications.count - before
}

const key = ecKey()
const header = { alg: 'ES256', typ: 'JWT', kid: key.libtrust }
const token = forge(header, claims(), key.privateKey)
const [head = '', body = ''] = token.split('.')

describe('VER-07: a kept result', () => {
  it('spares the second verification of the same token', async () => {
    const controller = controllerFor({ jwks: jwksOf(key) })
    expect(await counted(() => outcomeOf(controller, token))).toBe(1)
    expect(await counted(() => outcomeOf(controller, token))).toBe(0)
  })

  it('is not that of the same claims under another signature', async () => {
    const controller = controllerFor({ jwks: jwksOf(key) })
    expect(await outcomeOf(controller, token)).toBe('granted')
    const forged = `${head}.${body}.${forge(header, claims(), ecKey().privateKey).split('.')[2]}`
    expect(await outcomeOf(controller, forged)).toBe('bad_signature')
    const again = forge(header, claims(), key.privateKey)
    expect(again).not.toBe(token)
    expect(await counted(() => outcomeOf(controller, again))).toBe(1)
  })

  it('is compared with what is needed each time', async () => {
    const controller = controllerFor({ jwks: jwksOf(key) })
    const push = [{ type: 'repository', name: 'team/app', action: 'push' }]
    expect(await outcomeOf(controller, token)).toBe('granted')
    expect(await outcomeOf(controller, token, push)).toBe('insufficient_scope')
  })

  it('is not used from exp on; within the leeway the token is verified each time', async () => {
    const clock = stoppedClock(NOW)
    const controller = controllerFor({ jwks: jwksOf(key) }, { clock })
    await outcomeOf(controller, token)
    clock.move(300_000 - 1)
    expect(await counted(() => outcomeOf(controller, token))).toBe(0)
    clock.move(1)
    expect(await counted(() => outcomeOf(controller, token))).toBe(1)
    clock.move(60_000)
    expect(await outcomeOf(controller, token)).toBe('expired')
  })

  it('does not outlast a clock that goes back before the token begins', async () => {
    const clock = stoppedClock(NOW)
    const controller = controllerFor({ jwks: jwksOf(key) }, { clock })
    expect(await outcomeOf(controller, token)).toBe('granted')
    clock.move(-3_600_000)
    expect(await outcomeOf(controller, token)).toBe('not_yet_valid')
  })

  it('is not used when its certificate has ended', async () => {
    const clock = stoppedClock(NOW)
    const root = await certify(ecKey(), { ca: true })
    const leaf = await certify(key, { issuer: root, untilMs: NOW + 60_000 })
    const controller = controllerFor({ certificates: root.pem }, { clock })
    const certified = forge({ alg: 'ES256', typ: 'JWT', x5c: [leaf.x5c] }, claims(), key.privateKey)
    expect(await outcomeOf(controller, certified)).toBe('granted')
    clock.move(61_000)
    expect(await outcomeOf(controller, certified)).toBe('untrusted_certificate')
  })

  it('is gone at once when its key is taken away', async () => {
    const keys = trustedKeys({ jwks: jwksOf(key) })
    const controller = controllerFor({ jwks: jwksOf(key) }, { keys })
    expect(await outcomeOf(controller, token)).toBe('granted')
    keys.replace({ jwks: jwksOf(ecKey()) })
    expect(await outcomeOf(controller, token)).toBe('untrusted_key')
    keys.replace({ jwks: jwksOf(key) })
    expect(await outcomeOf(controller, token)).toBe('granted')
  })

  it('stays when new keys cannot be read', async () => {
    const keys = trustedKeys({ jwks: jwksOf(key) })
    const controller = controllerFor({ jwks: jwksOf(key) }, { keys })
    expect(() => keys.replace({})).toThrow(/accepts nothing/)
    expect(await outcomeOf(controller, token)).toBe('granted')
  })

  it('is never a refusal', async () => {
    const controller = controllerFor({ jwks: jwksOf(key) })
    const forged = forge(header, claims(), ecKey().privateKey)
    await outcomeOf(controller, forged)
    expect(await counted(() => outcomeOf(controller, forged))).toBe(1)
  })

  it('can be switched off', async () => {
    const controller = controllerFor({ jwks: jwksOf(key) }, { maxCachedTokens: 0 })
    await outcomeOf(controller, token)
    expect(await counted(() => outcomeOf(controller, token))).toBe(1)
  })
})

describe('ResultCache', () => {
  it('is bounded: the oldest result makes room', () => {
    const cache = new ResultCache<number>(3)
    for (let i = 0; i < 1000; i++) cache.keep(`token ${i}`, i)
    expect(cache.size).toBe(3)
    const kept = ['token 996', 'token 997', 'token 998', 'token 999'].map((text) => cache.get(text, () => true))
    expect(kept).toEqual([undefined, 997, 998, 999])
  })
})
