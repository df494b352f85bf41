import type { Resource, SecurityContext } from '@lockkeeper/core'
import { formatResource } from '@lockkeeper/core'
import fc from 'fast-check'
import { decodeJwt } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import type { TokenService } from '../src/issue/contract.ts'
import { createTokenService } from '../src/issue/token-service.ts'
import { generateKeys } from '../src/keys/generate.ts'
import { adminContext } from './context.ts'

let service: TokenService
beforeAll(async () => {
  service = createTokenService({ issuer: 'i', services: { s: {} }, keys: await generateKeys() })
})

/** Text that is often a name, and often nearly one. */
const piece = fc.stringMatching(/^[a-z0-9]{1,4}$/)
const oddity = fc.constantFrom(
  '.',
  '..',
  '//',
  '/',
  '%2f',
  '%2e',
  ':',
  ':80',
  'A',
  'é',
  '\u0000',
  '\u202e',
  '_',
  '__',
  '-',
  '*',
  ' ',
  '@',
  '#',
  '\\',
)
const name = fc
  .array(fc.oneof({ weight: 3, arbitrary: piece }, oddity, fc.constant('/')), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(''))

describe('ISS-02: the name that is judged is the name that is signed', () => {
  it('for whatever is asked for: the request is refused, or every signed name was judged letter by letter', async () => {
    let signed = 0
    await fc.assert(
      fc.asyncProperty(name, async (asked) => {
        const judged: string[] = []
        const admin = adminContext()
        const context: SecurityContext = {
          ...admin,
          can: async (_action: string, resource: Resource) => {
            judged.push(formatResource(resource))
            return true
          },
        }
        const answer = await service.issue({ scopes: [`repository:${asked}:pull`], context })
        if (answer.outcome === 'refused') {
          expect(answer.status).toBe(400)
          expect(judged).toEqual([])
          return
        }
        const access = decodeJwt(answer.token).access as { name: string }[]
        expect(access.map((entry) => `repository:${entry.name}`)).toEqual(judged)
        for (const entry of access) expect(entry.name).toBe(asked.trim())
        signed += access.length
      }),
      { numRuns: 500 },
    )
    // Otherwise the property would hold for a server that refuses everything.
    expect(signed).toBeGreaterThan(10)
  })
})
