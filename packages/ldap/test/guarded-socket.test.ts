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

/** A guard, the other end of its socket, and what came through. */
function guard(maxBytes = 10_000) {
  const [near, far] = duplexPair()
  const guarded = new GuardedSocket(near as Socket, maxBytes)
  const seen: Buffer[] = []
  guarded.on('data', (chunk: Buffer) => seen.push(chunk)).on('error', () => {})
  return { guarded, near, far, seen }
}

async function faultOf(guarded: GuardedSocket): Promise<unknown> {
  while (!guarded.closed) await setImmediate()
  return guarded.errored && 'fault' in guarded.errored ? guarded.errored.fault : guarded.errored
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
    const { guarded, far, seen } = guard()
    guarded.write(bind(2))
    far.write(result(3, OPERATION.bindResponse, 0))
    expect(await faultOf(guarded)).toBe('malformed')
    expect(seen).toEqual([])
  })

  it.each([
    ['the end of a search', result(2, OPERATION.searchDone, 0)],
    ['an extended response', result(2, OPERATION.extendedResponse, 0)],
    ['an entry', entry(2, 'cn=x', {})],
  ])('LDP-08: does not take %s for the answer to a bind', async (_, answer) => {
    const { guarded, far, seen } = guard()
    guarded.write(bind(2))
    far.write(answer)
    expect(await faultOf(guarded)).toBe('malformed')
    expect(seen).toEqual([])
  })

  it('LDP-08: does not take a bind response for the answer to a search', async () => {
    const { guarded, far } = guard()
    guarded.write(search(2))
    far.write(result(2, OPERATION.bindResponse, 0))
    expect(await faultOf(guarded)).toBe('malformed')
  })

  it('LDP-08: ends with an answer to nothing, one that comes twice included', async () => {
    const early = guard()
    early.far.write(result(2, OPERATION.bindResponse, 0))
    expect(await faultOf(early.guarded)).toBe('malformed')

    const twice = guard()
    twice.guarded.write(bind(2))
    twice.far.write(Buffer.concat([result(2, OPERATION.bindResponse, 49), result(2, OPERATION.bindResponse, 0)]))
    expect(await faultOf(twice.guarded)).toBe('malformed')
    expect(twice.seen.length).toBe(1)
  })

  it('says what the directory said when it ended the connection', async () => {
    const { guarded, far } = guard()
    guarded.write(bind(2))
    far.write(result(0, OPERATION.extendedResponse, 52, 'going down'))
    expect(await faultOf(guarded)).toBe('lost')
    expect(guarded.errored?.message).toContain('going down')
  })

  it('LDP-09: receives so many bytes for one operation and no more', async () => {
    const { guarded, far } = guard(200)
    for (const id of [2, 3, 4]) {
      guarded.beginOperation()
      guarded.write(search(id))
      far.write(Buffer.concat([entry(id, 'cn=a', { cn: ['x'.repeat(100)] }), done(id)]))
      await setImmediate()
      expect(guarded.destroyed).toBe(false)
    }
    guarded.beginOperation()
    guarded.write(search(5))
    for (let count = 0; count < 3; count++) far.write(entry(5, 'cn=a', { cn: ['x'.repeat(100)] }))
    expect(await faultOf(guarded)).toBe('flood')
  })

  it('LDP-09: does not wait for a message that announces too much', async () => {
    const { guarded, far } = guard()
    guarded.write(search(2))
    far.write(Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]))
    expect(await faultOf(guarded)).toBe('flood')
  })

  it('closes its socket when it is closed, and is closed when its socket is', async () => {
    const one = guard()
    one.guarded.destroy()
    await setImmediate()
    expect(one.near.destroyed).toBe(true)
    const other = guard()
    other.near.destroy()
    expect(await faultOf(other.guarded)).toBe('lost')
  })
})
