// GET token as anonymous on a public repository, next to bare servers that only sign the same token.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommandLine } from 'lockkeeper'
import { freePort } from '../servers/free-port.ts'
import { type BenchServer, startChild } from './child.ts'
import { load } from './load.ts'

const TOKEN_PATH = 'service/token?service=registry&scope=repository:library/app:pull'
const CONNECTIONS = 50
const SECONDS = Number(process.env.BENCH_SECONDS ?? 4)
const WARM_UP_SECONDS = 2.5 * SECONDS

for (const algorithm of ['ES256', 'RS256'] as const) {
  const main = await measure(`bare node:http, ${algorithm} on the main thread`, await startBaseline(algorithm, 'main'))
  const pool = await measure(`bare node:http, ${algorithm} on the thread pool`, await startBaseline(algorithm, 'pool'))
  const ours = await measure(`lockkeeper, ${algorithm}`, await startLockkeeper(algorithm), TOKEN_PATH)
  const better = Math.max(main, pool)
  console.log(`  ratio ${(ours / better).toFixed(2)} of the better bare server\n`)
}

async function measure(name: string, server: BenchServer, path = ''): Promise<number> {
  try {
    await server.eventLoopP99()
    const { perSecond, p50, p99, statuses } = await load(`${server.url}${path}`, {
      connections: CONNECTIONS,
      seconds: SECONDS,
      warmUpSeconds: WARM_UP_SECONDS,
    })
    const delay = await server.eventLoopP99()
    const answers = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')
    const figures = `${perSecond.toFixed(0).padStart(6)}/s  p50 ${p50.toFixed(1)} ms  p99 ${p99.toFixed(1)} ms  event loop p99 ${delay.toFixed(1)} ms`
    console.log(`  ${name.padEnd(44)} ${figures}  (${answers})`)
    return perSecond
  } finally {
    await server.stop()
  }
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
  await command(['keys', 'new', '--algorithm', algorithm, '--rsa-bits', '2048', ...place])
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
