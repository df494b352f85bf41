import { chmod, cp, mkdir, rm, truncate, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { openKeyFolder } from '../src/keys/key-folder.ts'
import { stoppedClock } from './clock.ts'
import { newKey, testFolders } from './folders.ts'

const { folder, file, open, fileWith } = testFolders()

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
      breakIt: () => chmod(folder(), 0o770),
      path: '',
      says: /mode 0770.*chmod 700/,
    },
    {
      what: 'a folder that is not there',
      breakIt: () => rm(folder(), { recursive: true }),
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
    await expect(openKeyFolder(folder(), { clock: late })).rejects.toMatchObject({
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
