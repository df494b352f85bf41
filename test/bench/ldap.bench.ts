// Logins against OpenLDAP over TLS, next to the same two operations done with the bare library in the same run.
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { ldapAuth } from '@lockkeeper/ldap'
import { Client, EqualityFilter } from 'ldapts'
import { requires } from '../servers/requirements.ts'
import { type SlapdServer, startSlapd } from '../servers/slapd.ts'

const SECONDS = Number(process.env.BENCH_SECONDS ?? 4)
/** Turns of each, one after the other, so that a busy neighbour meets both. */
const ROUNDS = 4
const JANE = `
dn: uid=jane,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: jane
cn: Jane Doe
sn: Doe
userPassword: jane-secret
`

/** One login; throws when it is no success. */
type LogIn = () => Promise<void>

const need = requires('slapd', 'openssl')
if (need.skip) console.log(`  skipped${need.note}`)
else await run(await startSlapd({ ldif: JANE }))

async function run(server: SlapdServer): Promise<void> {
  const [bare, ours] = [await bareLibrary(server), lockkeeper(server)]
  try {
    for (const logins of [1, 8, 32]) {
      const times: Record<'bare' | 'ours', number[]> = { bare: [], ours: [] }
      const seconds = { bare: 0, ours: 0 }
      for (let round = 0; round < ROUNDS; round++) {
        for (const [name, { logIn }] of [
          ['bare', bare],
          ['ours', ours],
        ] as const) {
          seconds[name] += await measure(logIn, logins, times[name])
        }
      }
      const [slow, fast] = [
        figures('ldapts alone', times.bare, seconds.bare),
        figures('lockkeeper', times.ours, seconds.ours),
      ]
      const ratio = (fast.perSecond / slow.perSecond).toFixed(2)
      console.log(
        `  ${logins} at once: ${ratio} of the bare library, p99 ${(fast.p99 / slow.p99).toFixed(2)} times its p99\n`,
      )
    }
  } finally {
    await bare.close()
    await ours.close()
    await server.stop()
  }
}

/** A shared connection that searches, and a fresh one for each password. */
async function bareLibrary(server: SlapdServer) {
  const tlsOptions = { secureContext: createSecureContext({ ca: readFileSync(server.ca) }) }
  const connect = (): Client => new Client({ url: server.ldapsUrl, tlsOptions, timeout: 5_000, connectTimeout: 3_000 })
  const searcher = connect()
  await searcher.bind(server.reader.dn, server.reader.password)
  const attributes = ['uid', 'entryUUID', 'mail', 'displayName', 'cn', 'memberOf']
  const logIn: LogIn = async () => {
    const filter = new EqualityFilter({ attribute: 'uid', value: 'jane' })
    const { searchEntries } = await searcher.search(server.baseDn, { scope: 'sub', filter, attributes, sizeLimit: 2 })
    const verifier = connect()
    await verifier.bind(searchEntries[0]?.dn ?? '', 'jane-secret')
    await verifier.unbind()
  }
  return { logIn, close: () => searcher.unbind() }
}

function lockkeeper(server: SlapdServer) {
  const auth = ldapAuth({
    url: server.ldapsUrl,
    tls: { ca: readFileSync(server.ca, 'utf8') },
    baseDn: server.baseDn,
    bindDn: server.reader.dn,
    bindPassword: server.reader.password,
    pool: { maxVerify: 32 },
  })
  const call = { signal: new AbortController().signal }
  const logIn: LogIn = async () => {
    const candidate = await auth.lookUp({ typed: 'jane', canonical: 'jane' }, call)
    const { outcome } = await candidate.verify('jane-secret', call)
    if (outcome !== 'authenticated') throw new Error(`jane is ${outcome}`)
  }
  return { logIn, close: () => auth[Symbol.asyncDispose]() }
}

/** @returns How long it took, in seconds, after a fifth of the time as warm-up. */
async function measure(logIn: LogIn, atOnce: number, times: number[]): Promise<number> {
  const share = (SECONDS / ROUNDS) * 1000
  const measureFrom = performance.now() + share / 5
  const until = measureFrom + share
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      const startedAt = performance.now()
      await logIn()
      if (startedAt >= measureFrom) times.push(performance.now() - startedAt)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return (performance.now() - measureFrom) / 1000
}

function figures(name: string, times: number[], seconds: number): { readonly perSecond: number; readonly p99: number } {
  times.sort((a, b) => a - b)
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  const perSecond = times.length / seconds
  const [p50, p99] = [at(0.5), at(0.99)]
  console.log(
    `  ${name.padEnd(14)} ${perSecond.toFixed(0).padStart(5)} logins/s  p50 ${p50.toFixed(1)} ms  p99 ${p99.toFixed(1)} ms`,
  )
  return { perSecond, p99 }
}
