import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import type { ServiceOptions } from '../src/issue/options.ts'
import { adminContext } from './context.ts'
import { NOW } from './forge.ts'
import { issued, pull, push, testServices } from './services.ts'

const { one } = testServices()

describe('the life of a token', () => {
  const life = async (options: ServiceOptions, scopes: readonly string[], nowMs = NOW) => {
    const answer = issued(await one(options, nowMs).issue({ scopes, context: adminContext() }))
    const { exp = 0, iat = 0 } = decodeJwt(answer.token)
    return { life: exp - iat, left: exp - nowMs / 1000, told: answer.expiresInSeconds }
  }

  it('is five minutes unless the service says otherwise, for pushes too', async () => {
    expect((await life({}, pull)).life).toBe(300)
    expect((await life({}, push)).life).toBe(300)
  })

  it('is longer only where push was granted', async () => {
    const options = { expiresInSeconds: 120, pushExpiresInSeconds: 3600 }
    expect((await life(options, pull)).life).toBe(120)
    expect((await life(options, push)).life).toBe(3600)
    expect((await life(options, ['repository:team/app:*'])).life).toBe(3600)
    expect((await life(options, ['repository:team/app:delete'])).life).toBe(120)
  })

  it('is told to the client as what is left of it, at any millisecond', async () => {
    for (const ms of [0, 1, 499, 500, 999]) {
      const { left, told } = await life({ expiresInSeconds: 900 }, pull, NOW + ms)
      expect(told).toBeLessThanOrEqual(left)
      expect(told).toBeGreaterThan(left - 1)
    }
  })

  it('is never told as less than 60 seconds, which clients would take for 60', async () => {
    for (const ms of [0, 1, 999]) {
      const { left, told } = await life({ expiresInSeconds: 60 }, pull, NOW + ms)
      expect(told).toBe(60)
      expect(left).toBeGreaterThanOrEqual(60)
    }
  })
})
