// Logins against OpenLDAP over TLS, next to the same two operations done with the bare library in the same run.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { requires } from '../servers/requirements.ts'
import { type SlapdServer, startSlapd } from '../servers/slapd.ts'
import type { Directory, Measured, Turn } from './ldap-logins.ts'

const SECONDS = Number(process.env.BENCH_SECONDS ?? 4)
/** Turns of each, one after the other, so that a busy neighbour meets both. */
const ROUNDS = 6
/** What a server has behind it after its first minutes: its code is compiled. */
const WARM_UP: Turn = { atOnce: 8, ms: 3_000 }
const JANE = `
dn: uid=jane,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: jane
cn: Jane Doe
sn: Doe
userPassword: jane-secret
`
const NAMES = { bare: 'ldapts alone', lockkeeper: 'lockkeeper' } as const
type Name = keyof typeof NAMES

const need = requires('slapd', 'openssl')
if (need.skip) console.log(`  skipped${need.note}`)
else await run(await startSlapd({ ldif: JANE }))

async function run({ ldapsUrl, ca, baseDn, reader, stop }: SlapdServer): Promise<void> {
  const place: Directory = { ldapsUrl, ca, baseDn, reader }
  const children = { bare: await startLogins('bare', place), lockkeeper: await startLogins('lockkeeper', place) }
  try {
    for (const atOnce of [1, 8, 32]) {
      const turns: Record<Name, Measured[]> = { bare: [], lockkeeper: [] }
      for (let round = 0; round < ROUNDS; round++) {
        // Nobody always goes first.
        const order: readonly Name[] = round % 2 === 0 ? ['bare', 'lockkeeper'] : ['lockkeeper', 'bare']
        for (const name of order) {
          turns[name].push(await take(children[name], { atOnce, ms: (SECONDS / ROUNDS) * 1000 }))
        }
      }
      const [bare, ours] = [figures('bare', turns.bare), figures('lockkeeper', turns.lockkeeper)]
      const [rate, p99] = [(ours.perSecond / bare.perSecond).toFixed(2), (ours.p99 / bare.p99).toFixed(2)]
      console.log(`  ${atOnce} at once: ${rate} of the bare library, p99 ${p99} times its p99\n`)
    }
  } finally {
    for (const child of Object.values(children)) child.disconnect()
    await stop()
  }
}

/** Each has a process of its own: in one, the compiled code and the garbage of either would slow the other. */
async function startLogins(name: Name, place: Directory): Promise<ChildProcess> {
  const child = fork(new URL('./ldap-logins.ts', import.meta.url), [name, JSON.stringify(place)])
  child.once('exit', (code) => {
    if (code !== 0) throw new Error(`the process that logs in ended with ${code}`)
  })
  await once(child, 'message')
  await take(child, WARM_UP)
  return child
}

async function take(child: ChildProcess, turn: Turn): Promise<Measured> {
  child.send(turn)
  const [measured] = await once(child, 'message')
  return measured
}

function figures(name: Name, turns: readonly Measured[]): { readonly perSecond: number; readonly p99: number } {
  const times = turns.flatMap((turn) => turn.times).toSorted((a, b) => a - b)
  const sum = (what: 'ms' | 'cpuMs'): number => turns.reduce((total, turn) => total + turn[what], 0)
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  const perSecond = (times.length * 1000) / sum('ms')
  const [p50, p99, cpu] = [at(0.5), at(0.99), sum('cpuMs') / times.length]
  const rate = `${perSecond.toFixed(0).padStart(5)} logins/s`
  const delays = `p50 ${p50.toFixed(1)} ms  p99 ${p99.toFixed(1)} ms`
  console.log(`  ${NAMES[name].padEnd(14)} ${rate}  ${delays}  processor ${cpu.toFixed(2)} ms a login`)
  return { perSecond, p99 }
}
