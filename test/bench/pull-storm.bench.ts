// A rollout: a thousand token requests at once with one password, next to a thousand without any. What is verified is
// counted by the server.
import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { ADMIN, type LockkeeperServer, startLockkeeper } from '../e2e/lockkeeper.ts'

const REQUESTS = 1000
const ROUNDS = 5
const PERSON = { username: 'puller', password: 'Pulls-All-Day-1' }
const PATH = '/service/token?service=registry&scope=repository:library/app:pull'

const basic = ({ username, password }: { readonly username: string; readonly password: string }) => ({
  authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
})

for (const [name, keepVerifiedSeconds] of [
  ['one password, kept for 10 s', 10],
  ['one password, keepVerifiedSeconds: 0', 0],
] as const) {
  const server = await startLockkeeper(
    `lockout: { keepVerifiedSeconds: ${keepVerifiedSeconds} }\nlog: { level: warn }\n`,
  )
  try {
    await server.addUser(PERSON.username, PERSON.password)
    await server.run(['project', 'add', 'library', '--public'])
    // Somebody else logs in first, so that neither kind of request is the first of its process.
    await storm(server, 20, basic(ADMIN))
    const anonymous = await rounds('anonymous', server, {})
    const password = await rounds(name, server, basic(PERSON))
    console.log(`  ratio ${(password / anonymous).toFixed(2)} of anonymous\n`)
  } finally {
    await server.stop()
  }
}

/** @returns Answers in a second, over all rounds. */
async function rounds(name: string, server: LockkeeperServer, headers: Record<string, string>): Promise<number> {
  const before = await verifications(server)
  const times: number[] = []
  let tookMs = 0
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now()
    times.push(...(await storm(server, REQUESTS, headers)))
    tookMs += performance.now() - startedAt
    // A server takes a thousand connections from one address, so those of one round have to be closed first.
    await delay(200)
  }
  const verified = (await verifications(server)) - before
  times.sort((a, b) => a - b)
  const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(0)
  const perSecond = (ROUNDS * REQUESTS * 1000) / tookMs
  const figures = `${perSecond.toFixed(0).padStart(6)}/s  p50 ${at(0.5)} ms  p99 ${at(0.99)} ms`
  console.log(`  ${name.padEnd(44)} ${figures}  ${verified} verifications of ${ROUNDS} × ${REQUESTS} requests`)
  return perSecond
}

/** All at once, each on a connection of its own. @returns What each took, in milliseconds. Throws unless all are 200. */
function storm({ host }: LockkeeperServer, count: number, headers: Record<string, string>): Promise<number[]> {
  return Promise.all(
    Array.from({ length: count }, () => {
      const sentAt = performance.now()
      return new Promise<number>((resolve, reject) => {
        const sent = request(`http://${host}${PATH}`, { agent: false, headers }, (answer) => {
          answer.resume()
          answer.on('end', () => {
            if (answer.statusCode === 200) resolve(performance.now() - sentAt)
            else reject(new Error(`answered ${answer.statusCode}`))
          })
        })
        sent.on('error', reject)
        sent.end()
      })
    }),
  )
}

async function verifications(server: LockkeeperServer): Promise<number> {
  const { stdout } = await server.run(['locks', 'counters', '--json'])
  const { accepted, refused } = JSON.parse(stdout)
  return accepted + refused
}
