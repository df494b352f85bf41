import { readFileSync } from 'node:fs'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requiresSamba, type SambaServer, startSamba } from './samba.ts'

const need = requiresSamba()
describe.skipIf(need.skip)(`Samba as an Active Directory${need.note}`, () => {
  let server: SambaServer
  beforeAll(async () => {
    server = await startSamba()
  }, 240_000)
  afterAll(() => server?.stop())

  it('speaks TLS that its own authority vouches for, on its own address', async () => {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    const host = new URL(server.ldapsUrl).hostname
    const options = { host, port: 636, servername: server.host, ca: readFileSync(server.ca) }
    const socket = connect(options, () => resolve(socket.authorized)).once('error', reject)
    expect(await promise).toBe(true)
    expect(host).toMatch(/^127\.77\./)
    socket.destroy()
  })

  it('has the people that samba-tool gave it', async () => {
    await server.tool('user', 'create', 'carol', 'carol-secret')
    expect(await server.tool('user', 'list')).toContain('carol')
  })

  it('is the same domain for the same commands, and nobody’s changes are in it', async () => {
    const other = await startSamba()
    expect(other.url).not.toBe(server.url)
    expect(await other.tool('user', 'list')).not.toContain('carol')
    await other.stop()
  })
})
