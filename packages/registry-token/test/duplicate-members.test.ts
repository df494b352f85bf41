import { describe, expect, it } from 'vitest'
import { claims, controllerFor, ecKey, forge, jwksOf, outcomeOf } from './forge.ts'

const key = ecKey()
const controller = controllerFor({ jwks: jwksOf(key) })
const header = JSON.stringify({ alg: 'ES256', typ: 'JWT', kid: key.libtrust })
const payload = JSON.stringify(claims())
const add = (json: string, member: string) => `${json.slice(0, -1)},${member}}`

describe('VER-05: a name that stands twice', () => {
  it('control: the same texts without it are granted', async () => {
    expect(await outcomeOf(controller, forge(header, payload, key.privateKey))).toBe('granted')
    expect(await outcomeOf(controller, forge(add(header, '"x":1'), add(payload, '"x":1'), key.privateKey))).toBe(
      'granted',
    )
  })

  it.each(['"alg":"ES256"', '"kid":"other"', '"typ":"JWT"', '"\\u0061lg":"none"'])(
    'in the header refuses the token: %s',
    async (member) => {
      expect(await outcomeOf(controller, forge(add(header, member), payload, key.privateKey))).toBe('duplicate_member')
    },
  )

  it.each([
    '"aud":"other"',
    '"exp":9999999999',
    '"sub":"root"',
    '"\\u0073ub":"root"',
    '"access":[]',
    '"extra":{"a":1,"a":2}',
  ])('in the claims refuses the token: %s', async (member) => {
    expect(await outcomeOf(controller, forge(header, add(payload, member), key.privateKey))).toBe('duplicate_member')
  })

  it('in an access entry refuses the token', async () => {
    const doubled = payload.replace('"actions":["pull"]', '"actions":["pull"],"actions":["pull","push"]')
    expect(doubled).not.toBe(payload)
    expect(await outcomeOf(controller, forge(header, doubled, key.privateKey))).toBe('duplicate_member')
  })
})
