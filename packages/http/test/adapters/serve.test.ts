import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { connect } from 'node:net'
import { systemClock } from '@lockkeeper/core'
import { describe, expect, it } from 'vitest'
import { serve } from '../../src/adapters/node.ts'
import type { Route } from '../../src/index.ts'
import { as, buildHouse } from '../house.ts'

const LIMITS = { lingerMs: 1 }

/** A route that answers when it is told to. */
const gate = () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const entered = Promise.withResolvers<void>()
  const route: Route = {
    method: 'GET',
    path: '/gate',
    async handle() {
      entered.resolve()
      await promise
      return new Response('through')
    },
  }
  return { route, open: resolve, entered: entered.promise }
}

describe('serve', () => {
  it('says where it listens, and serves IPv6 as well', async () => {
    const { handler } = buildHouse()
    const server = await serve(handler, { listen: '[::1]:0', limits: LIMITS })
    expect(server.url).toBe(`http://[::1]:${server.address.port}`)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    await server.stop()
  })

  it('says what to do when the port is in use', async () => {
    const { handler } = buildHouse()
    const first = await serve(handler, { listen: '127.0.0.1:0', limits: LIMITS })
    const listen = `127.0.0.1:${first.address.port}`
    await expect(serve(handler, { listen })).rejects.toMatchObject({
      code: 'ERR_CONFIGURATION',
      message: `listen: ${listen} is in use: stop the program that listens there, or choose another port`,
    })
    await first.stop()
  })

  it('says what to do when the address is not one of this machine', async () => {
    await expect(serve(buildHouse().handler, { listen: '192.0.2.1:8080' })).rejects.toMatchObject({
      code: 'ERR_CONFIGURATION',
      message: expect.stringContaining('0.0.0.0 for all'),
    })
  })

  it.each(['8080', ':8080', '127.0.0.1', '::1:8080', 'localhost:99999', 'http://localhost:80', ''])(
    'refuses to listen on %j',
    async (listen) => {
      await expect(serve(buildHouse().handler, { listen })).rejects.toMatchObject({ code: 'ERR_CONFIGURATION' })
    },
  )
})

describe('OPS-03: stop', () => {
  it('lets requests under way end, and takes no new ones', async () => {
    const { route, open, entered } = gate()
    const server = await serve(buildHouse({ routes: [route] }).handler, { listen: '127.0.0.1:0', limits: LIMITS })
    const answer = fetch(`${server.url}/gate`)
    await entered
    const stopped = server.stop()
    await expect
      .poll(() =>
        fetch(`${server.url}/healthz`).then(
          () => 'served',
          () => 'refused',
        ),
      )
      .toBe('refused')
    open()
    expect(await (await answer).text()).toBe('through')
    expect((await answer).headers.get('connection')).toBe('close')
    await stopped
  })

  it('LCK-15: sends held answers at once', async () => {
    const stopping = new AbortController()
    const { handler } = buildHouse({ clock: systemClock, freezeMs: 60_000, stopSignal: stopping.signal })
    const server = await serve(handler, { listen: '127.0.0.1:0', limits: LIMITS, stopping })
    const answer = fetch(`${server.url}/service/token`, as('jane', 'wrong'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    await server.stop()
    expect((await answer).status).toBe(401)
  })

  it('cuts off what is left on the second call', async () => {
    const { route, entered } = gate()
    const server = await serve(buildHouse({ routes: [route] }).handler, {
      listen: '127.0.0.1:0',
      limits: { lingerMs: 60_000, graceMs: 60_000 },
    })
    const answer = fetch(`${server.url}/gate`)
    await entered
    const first = server.stop()
    await server.stop()
    await first
    await expect(answer).rejects.toThrow()
  })

  it('cuts off what is left when its time is over', async () => {
    const { route, entered } = gate()
    const limits = { lingerMs: 1, graceMs: 20 }
    const server = await serve(buildHouse({ routes: [route] }).handler, { listen: '127.0.0.1:0', limits })
    const answer = fetch(`${server.url}/gate`)
    await entered
    await server.stop()
    await expect(answer).rejects.toThrow()
  })

  it('closes connections on which nothing is under way: silent, half a head, kept alive', async () => {
    const limits = { ...LIMITS, graceMs: 60_000 }
    const server = await serve(buildHouse().handler, { listen: '127.0.0.1:0', limits })
    const { port, host } = server.address
    const sockets = ['', 'GET / HTTP/1.1\r\nX-', 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'].map((bytes) => {
      const socket = connect(port, host)
      socket.on('error', () => {})
      socket.resume().write(bytes)
      return socket
    })
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    await new Promise((resolve) => setTimeout(resolve, 20))
    const closed = Promise.all(sockets.map((socket) => once(socket, 'close')))
    await server.stop()
    await closed
  })

  it('cuts no answer of busy clients that keep their connections alive', async () => {
    const server = await serve(buildHouse().handler, { listen: '127.0.0.1:0' })
    const agent = new Agent({ keepAlive: true, maxSockets: 20 })
    const outcomes = { answered: 0, cut: 0, refused: 0 }
    const ask = () =>
      new Promise<void>((resolve) => {
        get(`${server.url}/healthz`, { agent }, (response) => {
          outcomes.answered++
          response.resume().on('end', resolve)
        }).on('error', (error) => {
          const isRefused = 'code' in error && error.code === 'ECONNREFUSED'
          outcomes[isRefused ? 'refused' : 'cut']++
          resolve()
        })
      })
    const client = async () => {
      while (outcomes.refused === 0) await ask()
    }
    const clients = Promise.all(Array.from({ length: 20 }, client))
    await new Promise((resolve) => setTimeout(resolve, 100))
    await server.stop()
    await clients
    agent.destroy()
    expect(outcomes.answered).toBeGreaterThan(20)
    expect(outcomes.cut).toBe(0)
  })

  it('is what disposing does', async () => {
    const server = await serve(buildHouse().handler, { listen: '127.0.0.1:0', limits: LIMITS })
    await server[Symbol.asyncDispose]()
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow()
  })
})
