// Logs Jane in, again and again, in a process of its own: with Lockkeeper, or with the two operations of the bare library.
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { ldapAuth } from '@lockkeeper/ldap'
import { Client, EqualityFilter } from 'ldapts'
import type { SlapdServer } from '../servers/slapd.ts'

/** The directory whose `uid=jane` logs in, with `jane-secret`. */
export type Directory = Pick<SlapdServer, 'ldapsUrl' | 'ca' | 'baseDn' | 'reader'>

/** What to do: so many logins at once, for so long. */
export interface Turn {
  readonly atOnce: number
  readonly ms: number
}

/** What a turn measured: how long each login took, and the processor's time for all of them, in milliseconds. */
export interface Measured {
  readonly times: readonly number[]
  readonly ms: number
  readonly cpuMs: number
}

interface Logins {
  /** One login; throws when it is no success. */
  logIn(): Promise<void>
  close(): Promise<void>
}

const [which, place = ''] = process.argv.slice(2)
const directory: Directory = JSON.parse(place)
const logins = which === 'lockkeeper' ? lockkeeper() : await bareLibrary()
process.on('message', async (turn: Turn) => process.send?.(await measure(turn)))
process.once('disconnect', () => logins.close())
process.send?.('ready')

/** A shared connection that searches, and a fresh one for each password. */
async function bareLibrary(): Promise<Logins> {
  const { ldapsUrl: url, ca, baseDn, reader } = directory
  const tlsOptions = { secureContext: createSecureContext({ ca: readFileSync(ca) }) }
  const connect = (): Client => new Client({ url, tlsOptions, timeout: 5_000, connectTimeout: 3_000 })
  const searcher = connect()
  await searcher.bind(reader.dn, reader.password)
  const attributes = ['uid', 'entryUUID', 'mail', 'displayName', 'cn', 'memberOf']
  return {
    async logIn() {
      const filter = new EqualityFilter({ attribute: 'uid', value: 'jane' })
      const { searchEntries } = await searcher.search(baseDn, { scope: 'sub', filter, attributes, sizeLimit: 2 })
      const verifier = connect()
      await verifier.bind(searchEntries[0]?.dn ?? '', 'jane-secret')
      await verifier.unbind()
    },
    close: () => searcher.unbind(),
  }
}

function lockkeeper(): Logins {
  const { ldapsUrl, ca, baseDn, reader } = directory
  const auth = ldapAuth({
    url: ldapsUrl,
    tls: { ca: readFileSync(ca, 'utf8') },
    baseDn,
    bindDn: reader.dn,
    bindPassword: reader.password,
    pool: { maxVerify: 32 },
  })
  return {
    async logIn() {
      const call = { signal: new AbortController().signal }
      const candidate = await auth.lookUp({ typed: 'jane', canonical: 'jane' }, call)
      const { outcome } = await candidate.verify('jane-secret', call)
      if (outcome !== 'authenticated') throw new Error(`jane is ${outcome}`)
    },
    close: async () => auth[Symbol.asyncDispose](),
  }
}

async function measure({ atOnce, ms }: Turn): Promise<Measured> {
  const times: number[] = []
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()]
  const worker = async (): Promise<void> => {
    while (performance.now() < startedAt + ms) {
      const from = performance.now()
      await logins.logIn()
      times.push(performance.now() - from)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  const { user, system } = process.cpuUsage(cpu)
  return { times, ms: performance.now() - startedAt, cpuMs: (user + system) / 1000 }
}
