import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isWeaker, type Scheme, schemeNamed, schemeOf } from '../src/scheme.ts'
import { HARBOR_ROWS } from './people.ts'

const argon2id = (parameters: string) => ({
  hash: `$argon2id$v=19$${parameters}$${'s'.repeat(22)}$${'t'.repeat(43)}`,
  salt: '',
  scheme: 'argon2id',
})
const current: Scheme = { kind: 'argon2id', memoryKib: 19_456, iterations: 2, parallelism: 1 }

describe('reading how a row was hashed', () => {
  it('PWD-02: knows Harbor’s three versions, spelled exactly so', () => {
    expect(schemeOf(HARBOR_ROWS.sha1)).toEqual({ kind: 'pbkdf2', digest: 'sha1', rounds: 4096 })
    expect(schemeOf(HARBOR_ROWS.sha256)).toEqual({ kind: 'pbkdf2', digest: 'sha256', rounds: 4096 })
    expect(schemeOf(HARBOR_ROWS.pbkdf2_sha256)).toEqual({ kind: 'pbkdf2', digest: 'sha256', rounds: 600_000 })
    for (const scheme of ['SHA256', 'sha-256', ' sha256', 'sha512', 'md5', '__proto__', 'constructor', 'argon2i', '']) {
      expect(schemeOf({ ...HARBOR_ROWS.sha256, scheme }), scheme).toBeUndefined()
    }
  })

  it('PWD-02: takes a row without a version for what the operator names, and a row with one for what it says', () => {
    const unsaid = { ...HARBOR_ROWS.sha256, scheme: '' }
    expect(schemeOf(unsaid, 'sha256')).toEqual({ kind: 'pbkdf2', digest: 'sha256', rounds: 4096 })
    expect(schemeOf(unsaid, 'pbkdf2_sha256')).toEqual({ kind: 'pbkdf2', digest: 'sha256', rounds: 600_000 })
    expect(schemeOf(HARBOR_ROWS.sha1, 'sha256')).toEqual({ kind: 'pbkdf2', digest: 'sha1', rounds: 4096 })
    expect(schemeOf({ ...unsaid, scheme: 'junk' }, 'sha256')).toBeUndefined()
  })

  it('refuses a key or salt that Harbor never writes', () => {
    for (const hash of ['', '1234567ab', HARBOR_ROWS.sha256.hash.toUpperCase(), `${HARBOR_ROWS.sha256.hash}00`]) {
      expect(schemeOf({ ...HARBOR_ROWS.sha256, hash }), hash).toBeUndefined()
    }
    expect(schemeOf({ ...HARBOR_ROWS.sha256, salt: '' })).toBeUndefined()
  })

  it('PWD-04: refuses parameters out of bounds, and PHC strings that are not argon2id', () => {
    expect(schemeOf(argon2id('m=19456,t=2,p=1'))).toEqual(current)
    expect(schemeOf(argon2id('m=262144,t=10,p=4'))).toMatchObject({ memoryKib: 262_144 })
    for (const parameters of ['m=262145,t=2,p=1', 'm=19456,t=11,p=1', 'm=19456,t=2,p=5', 'm=9999999,t=999,p=999']) {
      expect(schemeOf(argon2id(parameters)), parameters).toBeUndefined()
    }
    for (const parameters of [
      'm=0,t=2,p=1',
      'm=8,t=0,p=1',
      'm=8,t=1,p=0',
      'm=8,t=1,p=2',
      'm=-8,t=2,p=1',
      't=2,m=8,p=1',
    ]) {
      expect(schemeOf(argon2id(parameters)), parameters).toBeUndefined()
    }
    const whole = argon2id('m=19456,t=2,p=1')
    for (const hash of [
      whole.hash.replace('argon2id', 'argon2i'),
      whole.hash.replace('v=19', 'v=16'),
      `${whole.hash}\n`,
      ` ${whole.hash}`,
      `${whole.hash}$x`,
      '$argon2id$',
    ]) {
      expect(schemeOf({ ...whole, hash }), hash).toBeUndefined()
    }
    expect(schemeOf({ ...whole, scheme: 'sha256' })).toBeUndefined()
    expect(schemeOf({ ...HARBOR_ROWS.sha256, scheme: 'argon2id' })).toBeUndefined()
  })

  it('PWD-04: stays within bounds whatever a row holds', () => {
    const number = fc.nat({ max: 99_999_999 })
    fc.assert(
      fc.property(number, number, number, (m, t, p) => {
        const scheme = schemeOf(argon2id(`m=${m},t=${t},p=${p}`))
        if (scheme?.kind !== 'argon2id') return
        expect(scheme.memoryKib).toBeLessThanOrEqual(262_144)
        expect(scheme.iterations).toBeLessThanOrEqual(10)
        expect(scheme.parallelism).toBeLessThanOrEqual(4)
      }),
    )
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.string(),
        (hash, salt, scheme) => schemeOf({ hash, salt, scheme }) === undefined,
      ),
    )
  })
})

describe('the names of schemes that a store gives', () => {
  it('are versions, and heads of PHC strings', () => {
    expect(schemeNamed('sha1')).toMatchObject({ digest: 'sha1' })
    expect(schemeNamed('$argon2id$v=19$m=19456,t=2,p=1')).toEqual(current)
    expect(schemeNamed('', 'sha256')).toMatchObject({ digest: 'sha256' })
    for (const name of ['', 'argon2id', 'junk', '$argon2id$v=19$m=9999999,t=2,p=1'])
      expect(schemeNamed(name)).toBeUndefined()
  })
})

describe('what is weaker', () => {
  const sha1: Scheme = { kind: 'pbkdf2', digest: 'sha1', rounds: 4096 }
  const sha256: Scheme = { kind: 'pbkdf2', digest: 'sha256', rounds: 4096 }
  const newest: Scheme = { kind: 'pbkdf2', digest: 'sha256', rounds: 600_000 }

  it('is ordered, and never goes back', () => {
    const order = [sha1, sha256, newest, current, { ...current, iterations: 3 }]
    for (const [i, scheme] of order.entries()) {
      for (const [j, target] of order.entries()) expect(isWeaker(scheme, target), `${i} < ${j}`).toBe(i < j)
    }
  })

  it('is a row with less of anything', () => {
    expect(isWeaker({ ...current, parallelism: 1 }, { ...current, parallelism: 2 })).toBe(true)
    expect(isWeaker({ ...current, memoryKib: 65_536, iterations: 1 }, current)).toBe(true)
  })
})
