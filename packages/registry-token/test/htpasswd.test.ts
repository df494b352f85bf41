import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent } from '@lockkeeper/core'
import { hashSync } from '@node-rs/bcrypt'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { htpasswdAccessController } from '../src/verify/htpasswd.ts'
import { parseHtpasswd } from '../src/verify/htpasswd-file.ts'
import { stoppedClock } from './clock.ts'
import { PULL } from './forge.ts'

/** The work of every bcrypt check, as powers of two; checks can be held back. */
const bcrypt = vi.hoisted(() => ({ costs: [] as number[], hold: undefined as Promise<void> | undefined }))
vi.mock('@node-rs/bcrypt', async (original) => {
  const library = await original<typeof import('@node-rs/bcrypt')>()
  const verify: typeof library.verify = async (password, hash) => {
    bcrypt.costs.push(Number(String(hash).slice(4, 6)))
    await bcrypt.hold
    return library.verify(password, hash)
  }
  return { ...library, verify }
})

const basic = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
const entry = (name: string, password: string, cost = 4) => `${name}:${hashSync(password, { cost })}\n`

let scratch: string
let path: string
let count = 0
let saved = 0
const events: AuditEvent[] = []
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lockkeeper-htpasswd-'))
})
beforeEach(() => {
  path = join(scratch, `htpasswd-${count++}`)
  events.length = 0
  bcrypt.costs.length = 0
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

/** Writes the file with a modification time of its own, since two writes can share one. */
async function save(content: string | Buffer): Promise<void> {
  await writeFile(path, content)
  saved += 1
  await utimes(path, saved, saved)
}
const open = () =>
  htpasswdAccessController({
    realm: 'my "registry"',
    path,
    clock: stoppedClock(),
    audit: { record: (event) => events.push(event) },
  })
const attempt = async (controller: ReturnType<typeof open>, username: string, password: string) => {
  const verified = await controller.authorize(basic(username, password), PULL)
  return verified.outcome === 'granted' ? 'granted' : verified.reason
}

describe('htpasswdAccessController', () => {
  it('lets people in who are listed, to everything', async () => {
    await save(entry('alice', 'secret'))
    expect(await open().authorize(basic('alice', 'secret'), PULL)).toEqual({
      outcome: 'granted',
      subject: 'alice',
      access: [{ type: 'repository', name: 'team/app', actions: ['pull'] }],
    })
  })

  it('answers everything else with one challenge, in which the realm is quoted', async () => {
    await save(entry('alice', 'secret'))
    const controller = open()
    for (const authorization of [
      undefined,
      '',
      'Bearer abc',
      'Basic !!!',
      basic('alice', 'wrong'),
      basic('bob', 'secret'),
      basic('alice', ''),
    ]) {
      const verified = await controller.authorize(authorization, PULL)
      expect(verified).toMatchObject({ outcome: 'challenge', challenge: 'Basic realm="my \\"registry\\""' })
      expect(verified).not.toHaveProperty('error')
    }
  })

  it('knows all prefixes of bcrypt, and no other hash', async () => {
    const hash = hashSync('secret', { cost: 4 })
    const prefixes = ['$2$', '$2a$', '$2b$', '$2y$'].map((prefix, index) => `p${index}:${hash.replace('$2b$', prefix)}`)
    const others = [
      'md5:$apr1$abcdefgh$abcdefghijklmnopqrstuv',
      'sha:{SHA}abcdefghijklmnopqrstuvwxyz0=',
      'plain:secret',
      'empty:',
    ]
    await save([...prefixes, ...others].join('\n'))
    const controller = open()
    for (const name of ['p0', 'p1', 'p2', 'p3'])
      expect([name, await attempt(controller, name, 'secret')]).toEqual([name, 'granted'])
    for (const name of ['md5', 'sha', 'plain', 'empty'])
      expect(await attempt(controller, name, 'secret')).toBe('bad_credentials')
    expect(events).toMatchObject([
      { outcome: 'htpasswd_ignored', reason: expect.stringContaining('4 entries are not bcrypt') },
    ])
  })

  it('compares names and passwords as UTF-8, and names exactly', async () => {
    await save(entry('jörg', 'pässwörd'))
    const controller = open()
    expect(await attempt(controller, 'jörg', 'pässwörd')).toBe('granted')
    for (const name of ['JÖRG', 'jo\u0308rg', 'jörg '])
      expect(await attempt(controller, name, 'pässwörd')).toBe('bad_credentials')
  })

  it('refuses a password of more than 72 bytes, of which bcrypt would see the beginning only', async () => {
    const long = 'x'.repeat(72)
    await save(entry('alice', long))
    const controller = open()
    expect(await attempt(controller, 'alice', long)).toBe('granted')
    expect(await attempt(controller, 'alice', `${long}y`)).toBe('bad_credentials')
  })
})

describe('LOG-01: the work of a refusal', () => {
  it('is that of the dearest hash in the file for every name', async () => {
    await save([entry('cheap', 'secret', 4), entry('dear', 'secret', 8), 'md5:$apr1$abc$def\n'].join(''))
    const controller = open()
    for (const name of ['cheap', 'dear', 'nobody', 'md5', '', '__proto__']) {
      bcrypt.costs.length = 0
      expect(await attempt(controller, name, 'wrong')).toBe('bad_credentials')
      const work = bcrypt.costs.reduce((sum, cost) => sum + 2 ** cost, 0)
      expect([name, work]).toEqual([name, 2 ** 8])
    }
  })

  it('is done for a name that nobody has in a file without any hash as well', async () => {
    await save('')
    expect(await attempt(open(), 'nobody', 'wrong')).toBe('bad_credentials')
    expect(bcrypt.costs).toEqual([10])
  })
})

describe('the password file', () => {
  it('is read again when it changes', async () => {
    await save(entry('alice', 'old'))
    const controller = open()
    expect(await attempt(controller, 'alice', 'old')).toBe('granted')
    await save(entry('alice', 'new'))
    expect(await attempt(controller, 'alice', 'old')).toBe('bad_credentials')
    expect(await attempt(controller, 'alice', 'new')).toBe('granted')
  })

  it('that stops making sense leaves the last good entries in use, with one alarm, until it makes sense again', async () => {
    await save(entry('alice', 'secret'))
    const controller = open()
    await attempt(controller, 'alice', 'secret')
    await save(`${entry('bob', 'secret')}half a li`)
    expect(await attempt(controller, 'alice', 'secret')).toBe('granted')
    expect(await attempt(controller, 'alice', 'secret')).toBe('granted')
    expect(await attempt(controller, 'bob', 'secret')).toBe('bad_credentials')
    expect(events).toMatchObject([
      { type: 'backend', outcome: 'htpasswd_rejected', reason: expect.stringMatching(/no colon in line 2.*last good/) },
    ])
    await save(entry('bob', 'secret'))
    expect(await attempt(controller, 'alice', 'secret')).toBe('bad_credentials')
    expect(await attempt(controller, 'bob', 'secret')).toBe('granted')
  })

  it('that never made sense is an outage, each time, and not a refusal', async () => {
    await save('half a li')
    const controller = open()
    for (let i = 0; i < 2; i++) {
      await expect(attempt(controller, 'alice', 'secret')).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    }
  })

  it('that is not there is an outage, also after it was', async () => {
    const controller = open()
    await expect(attempt(controller, 'alice', 'secret')).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    await save(entry('alice', 'secret'))
    expect(await attempt(controller, 'alice', 'secret')).toBe('granted')
    await rm(path)
    await expect(attempt(controller, 'alice', 'secret')).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
  })

  it('of more than a megabyte is not read', async () => {
    await save(Buffer.alloc(1_048_577, '#'))
    await expect(attempt(open(), 'alice', 'secret')).rejects.toThrow(/larger than 1048576 bytes/)
  })

  it('is not asked for by a request without credentials', async () => {
    expect(await open().authorize(undefined, [])).toMatchObject({ reason: 'no_credentials' })
  })
})

describe('parseHtpasswd', () => {
  const names = (text: string) => {
    const result = parseHtpasswd(text)
    return result.outcome === 'parsed' ? [...result.file.hashes.keys()] : result.message
  }
  const hash = hashSync('x', { cost: 4 })

  it('trims lines, skips empty ones and comments, and lets the later line count', () => {
    expect(names(`\n  # people\r\n  alice:${hash}  \r\n\n`)).toEqual(['alice'])
    const later = parseHtpasswd(`alice:${hash}\nalice:plain\n`)
    expect(later).toMatchObject({ outcome: 'parsed', ignored: 1, file: { hashes: new Map() } })
  })

  it('splits at the first colon and keeps spaces inside', () => {
    expect(names(`sam :${hash}`)).toEqual(['sam '])
    expect(names(`:${hash}`)).toEqual([''])
    expect(names(`sam: ${hash}`)).toEqual([])
  })

  it('rejects the whole file for a line without a colon, and for a hash that would take hours', () => {
    expect(names(`alice:${hash}\nbob`)).toBe('has no colon in line 2')
    expect(names(`alice:${hash.replace('$04$', '$31$')}`)).toMatch(/cost 31 in line 1; use 16 at most/)
    expect(names('a:b\n'.repeat(10_001))).toMatch(/more than 10000 lines/)
  })

  it('does not know costs under 4', () => {
    expect(names(`alice:${hash.replace('$04$', '$03$')}`)).toEqual([])
  })
})

describe('OPS-05: checks', () => {
  it('run two at a time with 64 waiting; one more is an outage and not a refusal', async () => {
    await save(entry('alice', 'secret'))
    const controller = open()
    let release = (): void => {}
    bcrypt.hold = new Promise((resolve) => {
      release = resolve
    })
    const attempts = Array.from({ length: 67 }, () => attempt(controller, 'alice', 'secret'))
    const settled = Promise.allSettled(attempts)
    await vi.waitUntil(() => bcrypt.costs.length === 2)
    await expect(Promise.race(attempts)).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    expect(bcrypt.costs).toHaveLength(2)
    bcrypt.hold = undefined
    release()
    const results = await settled
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(66)
    expect(await attempt(controller, 'alice', 'secret')).toBe('granted')
  })
})
