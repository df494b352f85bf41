import type { Socket } from 'node:net'
import { duplexPair } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OPERATION } from '../src/wire/answer.ts'
import { TAG, writeElement } from '../src/wire/ber.ts'
import { GuardedSocket } from '../src/wire/guarded-socket.ts'
import { entry, message, reference, result } from './stub-directory.ts'

const octets = (text: string, tag: number = TAG.octets) => writeElement(tag, Buffer.from(text))
const bind = (id: number) =>
  message(
    id,
    writeElement(OPERATION.bindRequest, writeElement(TAG.integer, Buffer.from([3])), octets('cn=x'), octets('y', 0x80)),
  )
const search = (id: number) => message(id, writeElement(OPERATION.searchRequest, octets('dc=x')))
const done = (id: number) => result(id, OPERATION.searchDone, 0)

/** A guard, both ends of its socket, and what came through. */
function guard(maxBytes = 10_000) {
  const [near, far] = duplexPair()
  const guarded = new GuardedSocket(near as Socket, maxBytes)
  guarded.beginOperation(100)
  const seen: Buffer[] = []
  let closed = 0
  guarded.on('data', (message) => seen.push(message)).on('close', () => (closed += 1))
  const fault = async (): Promise<unknown> => {
    while (closed === 0) await setImmediate()
    return guarded.reason && 'fault' in guarded.reason ? guarded.reason.fault : guarded.reason
  }
  return { guarded, near, far, seen, fault, closed: () => closed }
}

describe('a guarded socket', () => {
  it('lets whole messages through one by one, however they were cut on the way', async () => {
    const messages = [entry(2, 'cn=a', { cn: ['a'] }), reference(2, 'ldap://x'), entry(2, 'cn=b', {}), done(2)]
    const all = Buffer.concat(messages)
    const cuts = fc
      .array(fc.nat(all.length), { maxLength: 8 })
      .map((at) => [0, ...at.toSorted((a, b) => a - b), all.length])
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        const { guarded, far, seen } = guard()
        guarded.write(search(2))
        for (const [index, start] of at.slice(0, -1).entries()) {
          far.write(all.subarray(start, at[index + 1]))
          await setImmediate()
        }
        expect(seen).toEqual(messages)
      }),
    )
  })

  it('LDP-08: ends with an answer whose number fits no request', async () => {
    const { guarded, far, seen, fault } = guard()
    guarded.write(bind(2))
    far.write(result(3, OPERATION.bindResponse, 0))
    expect(await fault()).toBe('malformed')
    expect(seen).toEqual([])
  })

  it.each([
    ['the end of a search', result(2, OPERATION.searchDone, 0)],
    ['an extended response', result(2, OPERATION.extendedResponse, 0)],
    ['an entry', entry(2, 'cn=x', {})],
  ])('LDP-08: does not take %s for the answer to a bind', async (_, answer) => {
    const { guarded, far, seen, fault } = guard()
    guarded.write(bind(2))
    far.write(answer)
    expect(await fault()).toBe('malformed')
    expect(seen).toEqual([])
  })

  it('LDP-08: does not take a bind response for the answer to a search', async () => {
    const { guarded, far, fault } = guard()
    guarded.write(search(2))
    far.write(result(2, OPERATION.bindResponse, 0))
    expect(await fault()).toBe('malformed')
  })

  it('LDP-08: ends with an answer to nothing, one that comes twice included', async () => {
    const early = guard()
    early.far.write(result(2, OPERATION.bindResponse, 0))
    expect(await early.fault()).toBe('malformed')

    const twice = guard()
    twice.guarded.write(bind(2))
    twice.far.write(Buffer.concat([result(2, OPERATION.bindResponse, 49), result(2, OPERATION.bindResponse, 0)]))
    expect(await twice.fault()).toBe('malformed')
    expect(twice.seen.length).toBe(1)
  })

  it('says what the directory said when it ended the connection', async () => {
    const { guarded, far, fault } = guard()
    guarded.write(bind(2))
    far.write(result(0, OPERATION.extendedResponse, 52, 'going down'))
    expect(await fault()).toBe('lost')
    expect(guarded.reason?.message).toContain('going down')
  })

  it('LDP-09: receives so many bytes for one operation and no more', async () => {
    const { guarded, near, far, fault } = guard(200)
    for (const id of [2, 3, 4]) {
      guarded.beginOperation(100)
      guarded.write(search(id))
      far.write(Buffer.concat([entry(id, 'cn=a', { cn: ['x'.repeat(100)] }), done(id)]))
      await setImmediate()
      expect(near.destroyed).toBe(false)
    }
    guarded.beginOperation(100)
    guarded.write(search(5))
    for (let count = 0; count < 3; count++) far.write(entry(5, 'cn=a', { cn: ['x'.repeat(100)] }))
    expect(await fault()).toBe('flood')
  })

  it('LDP-09: receives so many messages for one operation and no more', async () => {
    const { guarded, far, seen, fault } = guard()
    guarded.beginOperation(3)
    guarded.write(search(2))
    far.write(Buffer.concat(Array(10).fill(entry(2, '', {}))))
    expect(await fault()).toBe('flood')
    expect(seen.length).toBe(3)
  })

  it('LDP-09: does not wait for a message that announces too much', async () => {
    const { guarded, far, fault } = guard()
    guarded.write(search(2))
    far.write(Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]))
    expect(await fault()).toBe('flood')
  })

  it('closes its socket when it is closed, and is closed when its socket is, once', async () => {
    const one = guard()
    one.guarded.destroy()
    one.guarded.destroy(new Error('too late'))
    expect(await one.fault()).toBeUndefined()
    expect(one.near.destroyed).toBe(true)
    const other = guard()
    other.near.destroy()
    expect(await other.fault()).toBe('lost')
    other.guarded.destroy()
    await setImmediate()
    expect([one.closed(), other.closed()]).toEqual([1, 1])
  })

  it('says goodbye before it closes in good order, and hears nothing more', async () => {
    const { guarded, near, far, seen, fault } = guard()
    guarded.write(search(2))
    guarded.goodbye()
    far.write(done(2))
    expect(await fault()).toBeUndefined()
    await expect.poll(() => near.destroyed).toBe(true)
    expect(Buffer.from(far.read()).subarray(-7).toString('hex')).toBe('30050201014200')
    expect(guarded.write(search(3))).toBe(false)
    expect(seen).toEqual([])
  })
})
