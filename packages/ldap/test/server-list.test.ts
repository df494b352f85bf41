import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { LdapNews } from '../src/events.ts'
import { DirectoryFailure } from '../src/failure.ts'
import { ServerList } from '../src/server-list.ts'
import type { Server } from '../src/wire/open-socket.ts'

const server = (host: string): Server => ({ host, port: 636, security: 'tls' })

/** A list of servers of which some are down, at a time of our choosing. */
function listOf(...hosts: readonly string[]) {
  const down = new Set<string>()
  const asked: string[] = []
  const news: LdapNews[] = []
  const clock = { now: 0, random: 0.5 }
  const servers = hosts.map(server)
  const list = new ServerList({
    servers,
    now: () => clock.now,
    random: () => clock.random,
    tell: (event) => news.push(event),
  })
  const attempt = async ({ host }: Server): Promise<string> => {
    asked.push(host)
    await setImmediate()
    if (down.has(host)) throw new DirectoryFailure('wait', 'url', `${host} is down`)
    return host
  }
  const discarded: string[] = []
  const ask = (): Promise<string> =>
    list.first(attempt, (result) => void discarded.push(result)).catch((error) => String(error.message))
  return { list, ask, attempt, asked, discarded, down, clock, news }
}

describe('a list of servers', () => {
  it('is asked in order', async () => {
    const { ask, asked, list } = listOf('a', 'b')
    expect(await ask()).toBe('a')
    expect(asked).toEqual(['a'])
    expect(list.preferred?.host).toBe('a')
  })

  it('goes on to the next when one is down, and leaves that one alone for a moment', async () => {
    const { ask, asked, down, list } = listOf('a', 'b')
    down.add('a')
    expect(await ask()).toBe('b')
    expect(await ask()).toBe('b')
    expect(asked).toEqual(['a', 'b', 'b'])
    expect(list.preferred?.host).toBe('b')
  })

  it('tries one that was down behind the back of a login that another serves', async () => {
    const { ask, asked, down, clock, discarded, news } = listOf('a', 'b')
    down.add('a')
    await ask()
    clock.now = 1_001
    down.clear()
    expect(await ask()).toBe('b')
    await setImmediate()
    expect(asked).toEqual(['a', 'b', 'a', 'b'])
    expect(discarded).toEqual(['a'])
    expect(await ask()).toBe('a')
    expect(news.map(({ type }) => type)).toEqual(['server_down', 'server_up'])
  })

  it('lets one login at a time try the only server, and tells the others at once', async () => {
    const { ask, asked, down, clock } = listOf('a')
    down.add('a')
    expect(await ask()).toBe('a is down')
    expect(await ask()).toBe('a is down; it is tried again within 1500 ms')
    clock.now = 1_001
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([
      'a is down',
      'a is down; it is tried again within 1500 ms',
      'a is down; it is tried again within 1500 ms',
    ])
    expect(asked.length).toBe(2)
  })

  it.each([
    [0, 500],
    [0.5, 1_000],
    [1, 1_500],
  ])('tries again after a time that chance chooses: %d is %d ms', async (random, ms) => {
    const { ask, asked, down, clock } = listOf('a')
    clock.random = random
    down.add('a')
    await ask()
    clock.now = ms - 1
    await ask()
    expect(asked.length).toBe(1)
    clock.now = ms
    await ask()
    expect(asked.length).toBe(2)
  })

  it('does not take a login that was given up for a server that is down', async () => {
    const { list, ask, asked } = listOf('a')
    await expect(
      list.first(
        () => Promise.reject(new TypeError('given up')),
        () => {},
      ),
    ).rejects.toThrow('given up')
    expect(await ask()).toBe('a')
    expect(asked).toEqual(['a'])
  })

  it('tells once that a server is down, not at every try', async () => {
    const { ask, down, clock, news } = listOf('a')
    down.add('a')
    for (clock.now = 0; clock.now < 10_000; clock.now += 1_500) await ask()
    expect(news).toEqual([{ type: 'server_down', server: 'a:636', message: 'a is down' }])
  })
})
