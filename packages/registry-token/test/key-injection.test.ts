import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certify, type TestCertificate } from './certificates.ts'
import { claims, controllerFor, ecKey, forge, jwksOf, outcomeOf } from './forge.ts'

const trusted = ecKey()
const attacker = ecKey()
let attackerCertificate: TestCertificate
let root: TestCertificate
let controller: ReturnType<typeof controllerFor>

/** A web server that would serve the attacker's key to whoever asks, and counts who does. */
let visits = 0
const trap = createServer((_request, response) => {
  visits += 1
  response.end(JSON.stringify(jwksOf(attacker)))
})
let trapUrl = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
  trapUrl = `http://127.0.0.1:${(trap.address() as AddressInfo).port}`
  root = await certify(ecKey(), { ca: true })
  attackerCertificate = await certify(attacker)
  controller = controllerFor({ jwks: jwksOf(trusted), certificates: root.pem })
})
afterAll(() => new Promise((resolve) => trap.close(resolve)))

const base = (members: Record<string, unknown>) => ({ alg: 'ES256', typ: 'JWT', ...members })
const byAttacker = (members: Record<string, unknown>) => forge(base(members), claims(), attacker.privateKey)
const byTrusted = (members: Record<string, unknown>) => forge(base(members), claims(), trusted.privateKey)

describe('VER-02: the key id', () => {
  it('selects a configured key by exact match', async () => {
    expect(await outcomeOf(controller, byTrusted({ kid: trusted.libtrust }))).toBe('granted')
    for (const kid of [trusted.libtrust.toLowerCase(), `${trusted.libtrust} `, trusted.thumbprint, '']) {
      expect(await outcomeOf(controller, byTrusted({ kid }))).toBe('untrusted_key')
    }
  })

  it.each([
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '0',
    '../../../../dev/null',
    '/etc/hostname',
    "' OR 1=1 --",
    'file:///etc/hostname',
  ])('is a text and nothing else: %s', async (kid) => {
    expect(await outcomeOf(controller, byAttacker({ kid }))).toBe('untrusted_key')
  })

  it.each([1, null, true, ['a'], { a: 1 }])('is never %j', async (kid) => {
    expect(await outcomeOf(controller, byAttacker({ kid }))).toBe('header_refused')
  })

  it('missing, with nothing in its place, is no key', async () => {
    expect(await outcomeOf(controller, byTrusted({}))).toBe('no_key')
  })

  it('of a trusted key decides alone: certificates beside it have no say', async () => {
    const x5c = [attackerCertificate.x5c]
    expect(await outcomeOf(controller, byTrusted({ kid: trusted.libtrust, x5c }))).toBe('granted')
    expect(await outcomeOf(controller, byAttacker({ kid: trusted.libtrust, x5c }))).toBe('bad_signature')
    const good = await certify(attacker, { issuer: root })
    expect(await outcomeOf(controller, byAttacker({ kid: trusted.libtrust, x5c: [good.x5c] }))).toBe('bad_signature')
  })
})

describe('VER-03: a key that the token brings along', () => {
  it('in jwk is refused, also beside a trusted key id, and also when it is the trusted key', async () => {
    for (const kid of [undefined, trusted.libtrust]) {
      expect(await outcomeOf(controller, byAttacker({ kid, jwk: attacker.jwk }))).toBe('header_refused')
      expect(await outcomeOf(controller, byTrusted({ kid, jwk: trusted.jwk }))).toBe('header_refused')
    }
  })

  it.each(['2.x', '3.x'] as const)('in jwk is never trusted for being there under the rules of %s', async (profile) => {
    const loose = controllerFor({ jwks: jwksOf(trusted), certificates: root.pem }, { profile })
    const { jwk, libtrust, thumbprint } = attacker
    for (const kid of [undefined, libtrust, thumbprint, trusted.libtrust, trusted.thumbprint]) {
      expect(await outcomeOf(loose, byAttacker({ jwk: { ...jwk, kid } }))).toBe('untrusted_key')
    }
    const x5c = [attackerCertificate.x5c]
    expect(await outcomeOf(loose, byAttacker({ jwk: { ...jwk, x5c } }))).toBe('untrusted_certificate')
    const others = await certify(ecKey(), { issuer: root })
    expect(await outcomeOf(loose, byAttacker({ jwk: { ...jwk, x5c: [others.x5c] } }))).toBe('untrusted_key')
  })

  it.each(['2.x', '3.x'] as const)('in a jwk that is none is refused under the rules of %s', async (profile) => {
    const loose = controllerFor({ certificates: root.pem }, { profile })
    for (const jwk of [null, 1, 'a', []]) expect(await outcomeOf(loose, byAttacker({ jwk }))).toBe('header_refused')
    for (const jwk of [{}, { kty: 'oct', k: 'AAAA' }, { ...attacker.jwk, x: 'AAAA' }, { ...attacker.jwk, x: 1 }]) {
      expect(await outcomeOf(loose, byAttacker({ jwk }))).toBe('untrusted_key')
    }
    for (const jwk of [
      { ...attacker.jwk, kid: 1 },
      { ...attacker.jwk, x5c: 'a' },
      { ...attacker.jwk, x5c: [1] },
    ]) {
      expect(await outcomeOf(loose, byAttacker({ jwk }))).toBe('header_refused')
    }
  })

  it.each(['jku', 'x5u'])('behind %s is refused and never fetched, under any rules', async (member) => {
    for (const profile of ['strict', '2.x', '3.x'] as const) {
      const every = controllerFor({ jwks: jwksOf(trusted), certificates: root.pem }, { profile })
      expect(await outcomeOf(every, byAttacker({ [member]: trapUrl }))).toBe('header_refused')
      expect(await outcomeOf(every, byTrusted({ kid: trusted.libtrust, [member]: trapUrl }))).toBe('header_refused')
    }
    expect(visits).toBe(0)
  })

  it('control: the trap counts', async () => {
    await fetch(trapUrl)
    expect(visits).toBe(1)
    visits = 0
  })
})

describe('VER-03: a header that asks for another way of reading', () => {
  it.each([
    { crit: ['exp'] },
    { crit: [] },
    { crit: ['b64'], b64: false },
    { b64: true },
    { zip: 'DEF' },
    { zip: null },
  ])('is refused: %j', async (members) => {
    expect(await outcomeOf(controller, byTrusted({ kid: trusted.libtrust, ...members }))).toBe('header_refused')
  })

  it('is granted when it merely says more', async () => {
    expect(await outcomeOf(controller, byTrusted({ kid: trusted.libtrust, x5t: 'AAAA', note: 1 }))).toBe('granted')
  })
})
