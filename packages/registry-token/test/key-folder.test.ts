import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditEvent } from '@lockkeeper/core'
import { describe, expect, it } from 'vitest'
import { createKeyFolder } from '../src/keys/create-key-folder.ts'
import { openKeyFolder } from '../src/keys/key-folder.ts'
import { stoppedClock } from './clock.ts'
import { newKey, testFolders } from './folders.ts'

const { clock, folder, scratch, file, open, fileWith } = testFolders()
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777

describe('createKeyFolder', () => {
  it('makes an authority and a key that only their owner can read', async () => {
    const fresh = scratch('fresh/keys')
    const created = await createKeyFolder(fresh, { clock })

    expect(created.files).toEqual(['ca.key', 'ca.crt', 'signing-es256.key'])
    expect((await readdir(fresh)).sort()).toEqual(['ca.crt', 'ca.key', 'signing-es256.key'])
    expect(await modeOf(fresh)).toBe(0o700)
    expect(await modeOf(join(fresh, 'ca.key'))).toBe(0o600)
    expect(await modeOf(join(fresh, 'signing-es256.key'))).toBe(0o600)
    expect(await modeOf(join(fresh, 'ca.crt'))).toBe(0o644)
    expect((await open(fresh)).published()[0]?.libtrustKeyId).toBe(created.keyId)
  })

  it('fills a folder that is there and empty', async () => {
    const empty = scratch('empty')
    await mkdir(empty)
    await createKeyFolder(empty, { clock })
    expect((await open(empty)).algorithms).toEqual(['ES256'])
  })

  it('adds a key of another algorithm under the same authority', async () => {
    const keys = await open()
    expect(keys.algorithms).toEqual(['ES256', 'RS256'])
    const authority = new X509Certificate(keys.rootCertificates())
    for (const { certificates } of keys.published()) {
      const leaf = new X509Certificate(Buffer.from(certificates[0] ?? '', 'base64'))
      expect(leaf.checkIssued(authority) && leaf.verify(authority.publicKey)).toBe(true)
    }
  })

  it('never replaces a key', async () => {
    const before = await readFile(file('signing-es256.key'))
    await expect(createKeyFolder(folder(), { clock })).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
    expect(await readFile(file('signing-es256.key'))).toEqual(before)
    expect((await readdir(folder())).sort()).toEqual(['ca.crt', 'ca.key', 'signing-es256.key', 'signing-rs256.key'])
  })

  it('leaves a folder alone that holds other things', async () => {
    const other = scratch('other')
    await mkdir(other)
    await writeFile(join(other, 'letter.txt'), 'dear')
    await expect(createKeyFolder(other, { clock })).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
    expect(await readdir(other)).toEqual(['letter.txt'])
    expect((await readdir(scratch('.'))).filter((name) => name.startsWith('other.new-'))).toEqual([])
  })

  it('says what to do where it may not write', async () => {
    const letter = scratch('letter')
    await writeFile(letter, 'dear')
    await expect(createKeyFolder(join(letter, 'keys'), { clock })).rejects.toMatchObject({
      code: 'ERR_CONFIGURATION',
      message: expect.stringContaining('let this process read and write there, or name another folder'),
    })
  })

  it('lets exactly one of two that run at the same moment win', async () => {
    const contested = scratch('contested')
    const results = await Promise.allSettled([
      createKeyFolder(contested, { clock }),
      createKeyFolder(contested, { clock }),
    ])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await open(contested)).algorithms).toEqual(['ES256'])
  })
})

describe('openKeyFolder without an authority key', () => {
  it('signs under certificates that were supplied', async () => {
    const keys = await open()
    const leaf = Buffer.from((await keys.signer('ES256')).certificates[0] ?? '', 'base64')
    await writeFile(file('signing-es256.crt'), new X509Certificate(leaf).toString())
    await rm(file('ca.key'))
    await rm(file('signing-rs256.key'))

    const given = await open()
    expect((await given.signer('ES256')).certificates).toEqual([leaf.toString('base64')])
    expect(given.rootCertificates()).toBe(await readFile(file('ca.crt'), 'utf8'))
  })

  it('cannot sign once the supplied certificate is about to end, and says so', async () => {
    const keys = await open()
    const leaf = Buffer.from((await keys.signer('ES256')).certificates[0] ?? '', 'base64')
    await writeFile(file('signing-es256.crt'), new X509Certificate(leaf).toString())
    await rm(file('ca.key'))
    const moving = stoppedClock()
    const given = await openKeyFolder(folder(), { clock: moving })
    moving.move(23 * 3_600_000)
    await expect(given.signer('ES256')).rejects.toMatchObject({
      code: 'ERR_BACKEND_UNAVAILABLE',
      message: expect.stringMatching(/supply a new one/),
    })
  })
})

describe('OPS-02: reload', () => {
  const digest = async (keys: { signer(algorithm: 'ES256'): Promise<{ libtrustKeyId: string }> }) =>
    createHash('sha256')
      .update((await keys.signer('ES256')).libtrustKeyId)
      .digest('hex')

  it('changes over to a sound new key', async () => {
    const keys = await open()
    const before = await digest(keys)
    await fileWith('signing-es256.key', newKey())
    await keys.reload()
    expect(await digest(keys)).not.toBe(before)
  })

  it('keeps the old keys in service when the new file is cut short, and raises an alarm', async () => {
    const events: AuditEvent[] = []
    const keys = await openKeyFolder(folder(), { clock, audit: { record: (event) => events.push(event) } })
    const before = await digest(keys)
    await fileWith('signing-es256.key', newKey().slice(0, 80))
    await expect(keys.reload()).rejects.toMatchObject({ code: 'ERR_CONFIGURATION' })
    expect(await digest(keys)).toBe(before)
    expect(events).toMatchObject([{ type: 'keys', outcome: 'reload_refused', at: '2026-01-01T12:00:00.000Z' }])
  })

  it('refuses to lose a key that services sign with', async () => {
    const keys = await open()
    await rm(file('signing-rs256.key'))
    await expect(keys.reload()).rejects.toThrow(/the RS256 key is gone/)
    expect(keys.algorithms).toContain('RS256')
  })

  it('refuses a weaker key', async () => {
    const strong = generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey
    const weak = await readFile(file('signing-rs256.key'))
    await fileWith('signing-rs256.key', strong.export({ type: 'pkcs8', format: 'pem' }).toString())
    const keys = await open()
    await fileWith('signing-rs256.key', weak)
    await expect(keys.reload()).rejects.toThrow(/has 2048 bits and had 3072/)
  })
})
