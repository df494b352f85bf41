import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { executeOrThrow } from './command.ts'
import { startMariadb } from './mariadb.ts'
import { startPostgres } from './postgres.ts'
import { processesIn } from './processes-in.ts'
import { startRedis } from './redis.ts'
import { type RegistryServer, startRegistry } from './registry.ts'
import { locate, type RequirementName, requires } from './requirements.ts'
import type { RunningServer } from './run-server.ts'
import { type SlapdServer, startSlapd } from './slapd.ts'

/** What every server promises, shown by one real request that `ask` makes. */
function behaves<S extends RunningServer>(
  name: RequirementName,
  start: () => Promise<S>,
  ask: (server: S) => Promise<string>,
  answer: string,
): void {
  const need = requires(name)
  describe.skipIf(need.skip)(`${name}${need.note}`, () => {
    let server: S
    beforeAll(async () => {
      server = await start()
    })
    afterAll(() => server?.stop())

    it('answers', async () => {
      expect(await ask(server)).toBe(answer)
    })

    it('keeps a request waiting while it is paused', async () => {
      server.pause()
      const asked = ask(server)
      let answered = false
      asked.then(() => {
        answered = true
      })
      await delay(250)
      expect(answered).toBe(false)
      server.resume()
      expect(await asked).toBe(answer)
    })

    it('is gone after a crash and comes back on the same port', async () => {
      await server.kill()
      expect(processesIn(server.folder)).toEqual([])
      await expect(ask(server)).rejects.toThrow()
      await server.restart()
      expect(await ask(server)).toBe(answer)
    })

    it('leaves neither process nor folder behind', async () => {
      expect(processesIn(server.folder)).not.toEqual([])
      await server.stop()
      expect(processesIn(server.folder)).toEqual([])
      expect(existsSync(server.folder)).toBe(false)
    })
  })
}

const whoIsAdmin = ({ url, admin }: SlapdServer): Promise<string> =>
  executeOrThrow(locate('slapd', 'ldapwhoami'), ['-x', '-H', url, '-D', admin.dn, '-w', admin.password])

const catalog = async ({ url }: RegistryServer): Promise<string> => (await fetch(`${url}/v2/_catalog`)).text()

behaves('postgres', startPostgres, (server) => server.sql('postgres', 'select 6 * 7'), '42\n')
behaves('mariadb', startMariadb, (server) => server.sql('mysql', 'select 6 * 7'), '42\n')
behaves('redis', startRedis, (server) => server.send('ECHO there'), '$5\r\nthere\r\n')
behaves('registry-2.8', () => startRegistry({ version: '2.8' }), catalog, '{"repositories":[]}\n')
behaves('registry-3', () => startRegistry({ version: '3' }), catalog, '{"repositories":[]}\n')
behaves('slapd', startSlapd, whoIsAdmin, 'dn:cn=admin,dc=example,dc=test\n')

const memory = requires('redis')
it.skipIf(memory.skip)(`Redis is empty after a restart${memory.note}`, async () => {
  const server = await startRedis()
  expect(await server.send('SET key value')).toBe('+OK\r\n')
  await server.restart()
  expect(await server.send('GET key')).toBe('$-1\r\n')
  await server.stop()
})
