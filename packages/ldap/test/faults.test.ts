import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { LdapAuthenticator, LdapAuthOptions } from '../src/index.ts'
import { OPERATION } from '../src/wire/answer.ts'
import { call, login, named, outcomeOf, stubAuth } from './logins.ts'
import {
  BASE,
  entry,
  JANE,
  oneJane,
  READER,
  result,
  type StubDirectory,
  type StubHandler,
  type StubRequest,
  startStub,
} from './stub-directory.ts'

const DOWN = 'ERR_BACKEND_UNAVAILABLE'
const QUICK = { connectMs: 150, operationMs: 150, loginMs: 400 }

/** Sends bytes one by one, a few milliseconds apart. */
async function drip(socket: Socket, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    if (socket.destroyed) return
    socket.write(Buffer.from([byte]))
    await delay(5)
  }
}

/** Entries without end. */
async function flood(socket: Socket, id: number): Promise<void> {
  const [piece] = [
    Buffer.concat(Array.from({ length: 50 }, () => entry(id, `cn=x,${BASE}`, { cn: ['x'.repeat(1000)] }))),
  ]
  while (!socket.destroyed) {
    if (!socket.write(piece)) await delay(1)
  }
}

/** What a server may do to any request. */
const FAULTS: Readonly<Record<string, (request: StubRequest, socket: Socket) => void>> = {
  'says nothing': () => {},
  'hangs up': (_, socket) => socket.end(),
  'resets the connection': (_, socket) => socket.resetAndDestroy(),
  'sends half an answer': ({ id }, socket) => socket.write(result(id, OPERATION.bindResponse, 0).subarray(0, 6)),
  'sends half an answer and hangs up': ({ id }, socket) =>
    socket.end(result(id, OPERATION.bindResponse, 0).subarray(0, 6)),
  'answers byte by byte, too slowly': ({ id }, socket) =>
    void drip(socket, result(id, OPERATION.bindResponse, 0, 'x'.repeat(120))),
  'answers another request': ({ id }, socket) => socket.write(result(id + 1, OPERATION.bindResponse, 0)),
  'answers something else': ({ id }, socket) => socket.write(result(id, OPERATION.extendedResponse, 0)),
  'answers no LDAP': (_, socket) => socket.write('220 mail.example.com ESMTP\r\n'),
  floods: ({ id }, socket) => void flood(socket, id),
  'announces two gigabytes': (_, socket) => socket.write(Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff])),
  'is busy': ({ id, operation }, socket) => {
    const answer = operation === OPERATION.searchRequest ? OPERATION.searchDone : OPERATION.bindResponse
    socket.write(result(id, answer, 51))
  },
  'sends a list that claims more than it holds': ({ id }, socket) =>
    socket.write(Buffer.from([0x30, 7, 2, 1, id, OPERATION.searchReference, 100, 4, 0])),
  'sends an entry that claims more than it holds': ({ id }, socket) =>
    socket.write(Buffer.from([0x30, 9, 2, 1, id, OPERATION.searchEntry, 4, 4, 0, 0x30, 100])),
  'sends tiny messages by the thousand': ({ id }, socket) =>
    socket.write(Buffer.concat(Array(60_000).fill(Buffer.from([0x30, 5, 2, 1, id, OPERATION.searchDone, 0])))),
  'sends empty entries by the thousand': ({ id }, socket) =>
    socket.write(Buffer.concat(Array(60_000).fill(entry(id, '', {})))),
  'says goodbye': (_, socket) => socket.write(result(0, OPERATION.extendedResponse, 52, 'shutting down')),
}

const STEPS: Readonly<Record<string, (request: StubRequest) => boolean>> = {
  'the bind of the search account': ({ operation, connection }) =>
    operation === OPERATION.bindRequest && connection === 0,
  'the search': ({ operation }) => operation === OPERATION.searchRequest,
  'the bind of a person': ({ name }) => name === JANE,
}

/** The same numbers from 0 to 1 in every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

describe('a directory that does not answer', () => {
  let stub: StubDirectory
  let auth: LdapAuthenticator
  async function start(handler: StubHandler, more: Partial<LdapAuthOptions> = {}) {
    stub = await startStub(handler)
    auth = stubAuth(stub.url, { timeouts: QUICK, ...more })
  }
  afterEach(async () => {
    await auth[Symbol.asyncDispose]()
    await stub.close()
  })

  describe.each(Object.keys(STEPS))('at %s', (step) => {
    it.each(Object.keys(FAULTS))('LDP-09: and %s gives no verdict within the time limit, and closes', async (fault) => {
      await start((request, socket) =>
        STEPS[step]!(request) ? FAULTS[fault]!(request, socket) : oneJane(request, socket),
      )
      const startedAt = performance.now()
      expect(await outcomeOf(login(auth, 'jane', 'jane-secret'))).toBe(DOWN)
      // Far below what it would be without limits, and far above what a busy machine adds.
      expect(performance.now() - startedAt).toBeLessThan(4_000)
      await auth[Symbol.asyncDispose]()
      await expect.poll(() => stub.open, { timeout: 2_000 }).toBe(0)
    })
  })

  it('LDP-09: ends a login after its own time limit, however quick each step is', async () => {
    let answers = 0
    await start(
      (request, socket) => {
        answers += 1
        setTimeout(() => oneJane(request, socket), 500)
      },
      { timeouts: { operationMs: 10_000, loginMs: 1_350 } },
    )
    const startedAt = performance.now()
    expect(await outcomeOf(login(auth, 'jane', 'jane-secret'))).toBe(DOWN)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    expect(answers).toBe(3)
  })

  it('LDP-09: ends at once when the caller’s time is over', async () => {
    await start(() => {}, { timeouts: { operationMs: 10_000 } })
    const budget = new AbortController()
    const startedAt = performance.now()
    setTimeout(() => budget.abort(), 50)
    expect(
      await outcomeOf(auth.lookUp(named('jane'), { signal: budget.signal }).then(() => ({ outcome: 'abstained' }))),
    ).toBe(DOWN)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    await expect.poll(() => stub.open, { timeout: 2_000 }).toBe(0)
  })

  it('OPS-05: a password is tried once, whatever happens', { timeout: 60_000 }, async () => {
    for (const fault of Object.values(FAULTS)) {
      await start((request, socket) => (request.name === JANE ? fault(request, socket) : oneJane(request, socket)), {
        timeouts: { operationMs: 1_000 },
      })
      await outcomeOf(login(auth, 'jane', 'jane-secret'))
      expect(stub.requests.filter(({ name }) => name === JANE).length).toBe(1)
      await auth[Symbol.asyncDispose]()
      await stub.close()
    }
  })

  it('a search is asked again where the directory closed an idle connection', async () => {
    const sockets: Socket[] = []
    await start((request, socket) => {
      if (request.connection === 0 && request.position === 2) socket.destroy()
      else oneJane(request, socket)
      sockets.push(socket)
    })
    expect((await auth.lookUp(named('jane'), call)).account).toBeDefined()
    expect((await auth.lookUp(named('jane'), call)).account).toBeDefined()
    expect(stub.clear.length).toBe(2)
  })

  it('a connection that nobody needs is closed after a while', async () => {
    await start(oneJane, { pool: { idleMs: 50 } })
    await Promise.all(Array.from({ length: 3 }, () => auth.lookUp(named('jane'), call)))
    expect(stub.open).toBeGreaterThan(0)
    await expect.poll(() => stub.open, { timeout: 1_000 }).toBe(0)
    expect(await outcomeOf(login(auth, 'jane', 'jane-secret'))).toBe('authenticated')
  })

  it('nothing is connected any more after it was disposed of', async () => {
    await start(oneJane)
    const candidate = await auth.lookUp(named('jane'), call)
    await auth[Symbol.asyncDispose]()
    expect(await outcomeOf(candidate.verify('jane-secret', call))).toBe(DOWN)
    expect(stub.clear.length).toBe(1)
  })

  it('OPS-05: only so many logins wait, and the others are told at once', async () => {
    await start(() => {}, { pool: { maxSearch: 2, maxWaiting: 3 } })
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(login(auth, 'jane', 'x'))))
    expect(outcomes).toEqual(Array(20).fill(DOWN))
    expect(stub.clear.length).toBeLessThanOrEqual(5)
    await expect(Promise.all(Array.from({ length: 20 }, () => login(auth, 'jane', 'x')))).rejects.toThrow(
      /waiting|tried again/,
    )
  })

  it('LDP-09: leaves no socket and no timer after 1 000 logins under random faults', { timeout: 120_000 }, async () => {
    const random = seeded(1)
    const faults = Object.values(FAULTS)
    await start(
      (request, socket) => {
        // A search account that is not let in keeps all logins away for a second, so that happens less often.
        const chance = request.name === READER.bindDn ? 0.02 : 0.25
        if (random() < chance) faults[Math.floor(random() * faults.length)]!(request, socket)
        else oneJane(request, socket)
      },
      { timeouts: { connectMs: 150, operationMs: 150, loginMs: 500 } },
    )
    const resources = () =>
      process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout|GetAddrInfo/.test(name)).length
    const before = resources()
    const outcomes = new Map<string, number>()
    const logIn = async () => {
      const outcome = await outcomeOf(login(auth, 'jane', random() < 0.5 ? 'jane-secret' : 'wrong'))
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    let left = 1_000
    const worker = async () => {
      while (left-- > 0) {
        // Only logins that reach the directory count.
        for (const asked = stub.requests.length; asked === stub.requests.length; ) {
          await logIn()
          if (asked === stub.requests.length) await delay(50)
        }
      }
    }
    await Promise.all(Array.from({ length: 8 }, worker))
    expect([...outcomes.keys()].toSorted()).toEqual([DOWN, 'authenticated', 'rejected: bad_credentials'])
    for (const [outcome, count] of outcomes) expect(count, outcome).toBeGreaterThan(100)
    await auth[Symbol.asyncDispose]()
    await expect.poll(() => stub.open, { timeout: 2_000 }).toBe(0)
    await expect.poll(resources, { timeout: 2_000 }).toBeLessThanOrEqual(before)
  })
})
