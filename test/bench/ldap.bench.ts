// Logins against OpenLDAP over TLS, next to the same two operations done with the bare library in the same run.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { requires } from '../servers/requirements.ts'
import { type SlapdServer, startSlapd } from '../servers/slapd.ts'
import type { Directory, Measured, Turn } from './ldap-logins.ts'

const SECONDS = Number(process.env.BENCH_SECONDS ?? 4)
/** Turns of each, one after the other. They are compared round by round, so that a busy neighbour meets both. */
const ROUNDS = 9
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
      const p99 = { bare: report('bare', turns.bare), ours: report('lockkeeper', turns.lockkeeper) }
      const rate = median(turns.lockkeeper.map((ours, round) => rateOf(ours) / rateOf(turns.bare[round] ?? ours)))
      const tail = (p99.ours / p99.bare).toFixed(2)
      console.log(`  ${atOnce} at once: ${rate.toFixed(2)} of the bare library, p99 ${tail} times its p99\n`)
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

/** Logins in a second. */
function rateOf({ times, ms }: Measured): number {
  return (times.length * 1000) / ms
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}

/** @returns The 99th percentile of all turns, in milliseconds. */
function report(name: Name, turns: readonly Measured[]): number {
  const times = turns.flatMap((turn) => turn.times).toSorted((a, b) => a - b)
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  const cpu = turns.reduce((total, { cpuMs }) => total + cpuMs, 0) / times.length
  const rate = `${median(turns.map(rateOf)).toFixed(0).padStart(5)} logins/s`
  const delays = `p50 ${at(0.5).toFixed(1)} ms  p99 ${at(0.99).toFixed(1)} ms`
  console.log(`  ${NAMES[name].padEnd(14)} ${rate}  ${delays}  processor ${cpu.toFixed(2)} ms a login`)
  return at(0.99)
}
