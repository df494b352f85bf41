// GET token as anonymous on a public repository, next to bare servers that only sign the same token.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommandLine } from 'lockkeeper'
import { freePort } from '../servers/free-port.ts'
import { type BenchServer, startChild } from './child.ts'
import { type LoadResult, load } from './load.ts'

const TOKEN_PATH = 'service/token?service=registry&scope=repository:library/app:pull'
const CONNECTIONS = 50
const SECONDS = Number(process.env.BENCH_SECONDS ?? 5)
const ROUNDS = 5

for (const algorithm of ['ES256', 'RS256'] as const) {
  const main = await contender(`bare node:http, ${algorithm} on the main thread`, startBaseline(algorithm, 'main'))
  const pool = await contender(`bare node:http, ${algorithm} on the thread pool`, startBaseline(algorithm, 'pool'))
  const ours = await contender(`lockkeeper, ${algorithm}`, startLockkeeper(algorithm), TOKEN_PATH)
  const all = [main, pool, ours]
  const ratios: number[] = []
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const one of all) await measure(one)
      ratios.push(last(ours) / Math.max(last(main), last(pool)))
    }
  } finally {
    for (const { server } of all) await server.stop()
  }
  for (const one of all) report(one)
  console.log(`  ratio ${median(ratios).toFixed(2)} of the better bare server of each round\n`)
}

interface Contender {
  readonly name: string
  readonly server: BenchServer
  readonly url: string
  readonly rounds: (LoadResult & { readonly eventLoopP99: number })[]
}

/** Starts a server and lets it run until it is compiled: a program of some size takes seconds to. */
async function contender(name: string, starting: Promise<BenchServer>, path = ''): Promise<Contender> {
  const server = await starting
  const url = `${server.url}${path}`
  await load(url, { connections: CONNECTIONS, seconds: 2 * SECONDS })
  return { name, server, url, rounds: [] }
}

/** One turn. All take turns, so that a machine that slows down meets each of them. */
async function measure({ server, url, rounds }: Contender): Promise<void> {
  await server.eventLoopP99()
  const result = await load(url, { connections: CONNECTIONS, seconds: SECONDS / ROUNDS })
  rounds.push({ ...result, eventLoopP99: await server.eventLoopP99() })
}

function report({ name, rounds }: Contender): void {
  const of = (figure: (round: Contender['rounds'][number]) => number) => median(rounds.map(figure))
  const answers = new Map<number, number>()
  for (const [status, count] of rounds.flatMap(({ statuses }) => [...statuses])) {
    answers.set(status, (answers.get(status) ?? 0) + count)
  }
  console.log(
    `  ${name.padEnd(44)} ${of(({ perSecond }) => perSecond)
      .toFixed(0)
      .padStart(6)}/s`,
    ` p50 ${of(({ p50 }) => p50).toFixed(1)} ms  p99 ${of(({ p99 }) => p99).toFixed(1)} ms`,
    ` event loop p99 ${of(({ eventLoopP99 }) => eventLoopP99).toFixed(1)} ms`,
    ` (${[...answers].map(([status, count]) => `${count} × ${status}`).join(', ')})`,
  )
}

function last({ rounds }: Contender): number {
  return rounds.at(-1)?.perSecond ?? 0
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}

function startBaseline(algorithm: string, where: string): Promise<BenchServer> {
  return startChild(new URL('./baseline-server.ts', import.meta.url), [algorithm, where])
}

async function startLockkeeper(algorithm: string): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-bench-'))
  const config = join(folder, 'lockkeeper.yaml')
  const listen = `127.0.0.1:${await freePort()}`
  await writeFile(config, `listen: ${listen}\ntokens: { services: { registry: { algorithm: ${algorithm} } } }\n`)
  const place = ['--config', config, '--data', folder]
  // As long as the keys of the bare servers.
  const length = algorithm === 'RS256' ? ['--rsa-bits', '2048'] : []
  await command(['keys', 'new', '--algorithm', algorithm, ...length, ...place])
  const server = await startChild(new URL('./lockkeeper-server.ts', import.meta.url), place, `http://${listen}/`)
  await command(['project', 'add', 'library', '--public', ...place])
  return {
    ...server,
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function command(words: readonly string[]): Promise<void> {
  let output = ''
  const write = (text: string) => {
    output += text
  }
  const terminal = { write, writeError: write, readInput: async () => '', environment: {} }
  if ((await runCommandLine(words, terminal)) !== 0) throw new Error(output)
}
