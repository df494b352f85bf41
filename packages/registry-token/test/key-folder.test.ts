import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent } from '@lockkeeper/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createKeyFolder } from '../src/keys/create-key-folder.ts'
import { openKeyFolder } from '../src/keys/key-folder.ts'
import { stoppedClock } from './clock.ts'

let scratch: string
/** A sound folder with keys of both algorithms, copied for each test that breaks something. */
let model: string
let folder: string
let count = 0

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lockkeeper-keys-'))
  model = join(scratch, 'model')
  const clock = stoppedClock()
  await createKeyFolder(model, { clock })
  await createKeyFolder(model, { algorithm: 'RS256', rsaBits: 2048, clock })
})
beforeEach(async () => {
  folder = join(scratch, `folder-${count++}`)
  await cp(model, folder, { recursive: true })
  await chmod(folder, 0o700)
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

const clock = stoppedClock()
const open = (path = folder) => openKeyFolder(path, { clock })
const file = (name: string): string => join(folder, name)
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777
const fileWith = (name: string, pem: string | Buffer) => writeFile(file(name), pem, { mode: 0o600 })
const newKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

describe('createKeyFolder', () => {
  it('makes an authority and a key that only their owner can read', async () => {
    const fresh = join(scratch, 'fresh', 'keys')
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
    const empty = join(scratch, 'empty')
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
    await expect(createKeyFolder(folder, { clock })).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
    expect(await readFile(file('signing-es256.key'))).toEqual(before)
    expect((await readdir(folder)).sort()).toEqual(['ca.crt', 'ca.key', 'signing-es256.key', 'signing-rs256.key'])
  })

  it('leaves a folder alone that holds other things', async () => {
    const other = join(scratch, 'other')
    await mkdir(other)
    await writeFile(join(other, 'letter.txt'), 'dear')
    await expect(createKeyFolder(other, { clock })).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
    expect(await readdir(other)).toEqual(['letter.txt'])
    expect((await readdir(scratch)).filter((name) => name.startsWith('other.new-'))).toEqual([])
  })

  it('lets exactly one of two that run at the same moment win', async () => {
    const contested = join(scratch, 'contested')
    const results = await Promise.allSettled([
      createKeyFolder(contested, { clock }),
      createKeyFolder(contested, { clock }),
    ])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await open(contested)).algorithms).toEqual(['ES256'])
  })
})

describe('OPS-04, ISS-05: openKeyFolder refuses', () => {
  const refusals: readonly { what: string; breakIt: () => Promise<unknown>; path: string; says: RegExp }[] = [
    {
      what: 'a private key that others can read',
      breakIt: () => chmod(file('signing-es256.key'), 0o640),
      path: 'signing-es256.key',
      says: /mode 0640.*chmod 600/,
    },
    {
      what: 'an authority key that others can read',
      breakIt: () => chmod(file('ca.key'), 0o604),
      path: 'ca.key',
      says: /mode 0604.*chmod 600/,
    },
    {
      what: 'a folder that others can write to',
      breakIt: () => chmod(folder, 0o770),
      path: '',
      says: /mode 0770.*chmod 700/,
    },
    {
      what: 'a folder that is not there',
      breakIt: () => rm(folder, { recursive: true }),
      path: '',
      says: /does not exist; make it with `lockkeeper keys new`/,
    },
    {
      what: 'a truncated key',
      breakIt: () => truncate(file('signing-es256.key'), 100),
      path: 'signing-es256.key',
      says: /complete/,
    },
    {
      what: 'an empty key',
      breakIt: () => truncate(file('signing-rs256.key'), 0),
      path: 'signing-rs256.key',
      says: /no PEM private key/,
    },
    {
      what: 'a key in the file of another algorithm',
      breakIt: () => fileWith('signing-rs256.key', newKey()),
      path: 'signing-rs256.key',
      says: /ES256; name it signing-es256\.key/,
    },
    {
      what: 'an authority key of another certificate',
      breakIt: () => fileWith('ca.key', newKey()),
      path: 'ca.key',
      says: /do not belong together/,
    },
    {
      what: 'an authority key without certificate',
      breakIt: () => rm(file('ca.crt')),
      path: 'ca.crt',
      says: /is missing beside ca\.key/,
    },
    {
      what: 'a truncated certificate',
      breakIt: () => truncate(file('ca.crt'), 200),
      path: 'ca.crt',
      says: /certificates in PEM/,
    },
    {
      what: 'a certificate of noise',
      breakIt: () => writeFile(file('ca.crt'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'),
      path: 'ca.crt',
      says: /cannot be read/,
    },
    {
      what: 'a signing certificate without key',
      breakIt: async () => {
        await cp(file('ca.crt'), file('signing-rs256.crt'))
        await rm(file('signing-rs256.key'))
      },
      path: 'signing-rs256.crt',
      says: /has no signing-rs256\.key/,
    },
    {
      what: 'a signing certificate of another key',
      breakIt: () => cp(file('ca.crt'), file('signing-es256.crt')),
      path: 'signing-es256.key',
      says: /do not belong together/,
    },
    {
      what: 'a file of 65 KiB',
      breakIt: () => fileWith('signing-es256.key', Buffer.alloc(65_537)),
      path: 'signing-es256.key',
      says: /larger than 65536 bytes/,
    },
    {
      what: 'a folder in the place of a key',
      breakIt: async () => {
        await rm(file('signing-es256.key'))
        await mkdir(file('signing-es256.key'), { mode: 0o700 })
      },
      path: 'signing-es256.key',
      says: /cannot be read \(EISDIR\)/,
    },
    {
      what: 'an authority without signing key',
      breakIt: async () => {
        await rm(file('signing-es256.key'))
        await rm(file('signing-rs256.key'))
      },
      path: '',
      says: /holds no signing key; make one/,
    },
  ]

  it.each(refusals)('$what', async ({ breakIt, path, says }) => {
    await breakIt()
    await expect(open()).rejects.toMatchObject({
      code: 'ERR_CONFIGURATION',
      problems: [{ path, message: expect.stringMatching(says) }],
    })
  })

  it('an authority that has ended', async () => {
    const late = stoppedClock(Date.UTC(2037, 0, 1))
    await expect(openKeyFolder(folder, { clock: late })).rejects.toMatchObject({
      problems: [{ path: 'ca.crt', message: expect.stringMatching(/ended at/) }],
    })
  })

  it('everything that is wrong at once, in one error', async () => {
    await chmod(file('ca.key'), 0o644)
    await truncate(file('signing-es256.key'), 10)
    await truncate(file('signing-rs256.key'), 10)
    const error = await open().catch((refusal: unknown) => refusal)
    expect(error).toMatchObject({
      problems: [{ path: 'ca.key' }, { path: 'signing-es256.key' }, { path: 'signing-rs256.key' }],
    })
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
    const given = await openKeyFolder(folder, { clock: moving })
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
    const keys = await openKeyFolder(folder, { clock, audit: { record: (event) => events.push(event) } })
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
