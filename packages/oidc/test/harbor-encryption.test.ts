import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret } from '@lockkeeper/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { harborEncryption, readHarborKey } from '../src/harbor/harbor-encryption.ts'
import { readHarborToken, writeHarborToken } from '../src/harbor/harbor-token.ts'

const key = new Secret<Uint8Array>(Buffer.from('1234567890123456'))

describe('Harbor’s encryption', () => {
  it('reads the form that Harbor writes', () => {
    expect(harborEncryption(key).decrypt('<enc-v1>AAAAAAAAAAAAAAAAAAAAAKjU6zuwCH7w')).toBe('password')
  })

  it.each([16, 24, 32])('reads what it wrote, with a key of %i bytes and a new IV each time', (length) => {
    const { encrypt, decrypt } = harborEncryption(new Secret<Uint8Array>(Buffer.alloc(length, 7)))
    const written = ['ä', 'ä'].map(encrypt)
    expect(written.map(decrypt)).toEqual(['ä', 'ä'])
    expect(written[0]).not.toBe(written[1])
  })

  it.each(['', 'password', btoa('password'), '<enc-v2>AAAA', '<enc-v1>', '<enc-v1>AAAA'])(
    'OID-10: never takes %j as it is',
    (value) => {
      expect(harborEncryption(key).decrypt(value)).toBeUndefined()
    },
  )
})

describe('Harbor’s key file', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'harbor-key-'))
  })
  afterAll(() => rm(folder, { recursive: true }))
  const file = (text: string) => {
    const path = join(folder, 'key')
    writeFileSync(path, text)
    return path
  }

  it('is read byte for byte', () => {
    expect(Buffer.from(readHarborKey(file('1234567890123456')).reveal()).toString()).toBe('1234567890123456')
  })

  it('is refused with a newline too many, saying so', () => {
    expect(() => readHarborKey(file('1234567890123456\n'))).toThrow('has 17 bytes')
    expect(() => readHarborKey(file('1234567890123456\n'))).toThrow('remove the newline at its end')
  })

  it('is refused when it is empty or missing', () => {
    expect(() => readHarborKey(file(''))).toThrow('has 0 bytes')
    expect(() => readHarborKey(join(folder, 'none'))).toThrow('harbor.keyFile cannot be read')
  })
})

describe('the tokens in a Harbor row', () => {
  const grant = { issuer: 'https://idp.example.com', subject: 'jane-1' }
  const written = {
    ...grant,
    accessToken: 'a',
    refreshToken: 'r',
    idToken: 'i',
    expiresAt: new Date('2026-06-01T00:00:00.000Z'),
  }

  it('are read back as they were written, with Harbor’s names', () => {
    const json = writeHarborToken(written)
    expect(JSON.parse(json)).toEqual({
      access_token: 'a',
      token_type: 'Bearer',
      refresh_token: 'r',
      expiry: '2026-06-01T00:00:00.000Z',
      id_token: 'i',
    })
    expect(readHarborToken(json, grant.issuer, grant.subject)).toEqual(written)
  })

  it('are read with the time of Go, nanoseconds and zone included', () => {
    const json = '{"access_token":"a","expiry":"2026-06-01T02:00:00.123456789+02:00"}'
    expect(readHarborToken(json, 'i', 's')?.expiresAt).toEqual(new Date('2026-06-01T00:00:00.123Z'))
  })

  it.each(['', 'null', '[]', 'garbage of a wrong key'])('are none in %j', (json) => {
    expect(readHarborToken(json, 'i', 's')).toBeUndefined()
  })

  it('pass over members of other types', () => {
    const json = '{"access_token":7,"refresh_token":"","id_token":null,"expiry":"never"}'
    expect(readHarborToken(json, 'i', 's')).toEqual({ issuer: 'i', subject: 's' })
  })
})
