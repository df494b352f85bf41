// From nothing to ready on the embedded default, next to a Node that does nothing. The first start after the set-up finds
// what `prepare` in the root package.json left in Node's compile cache, and no more.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../servers/free-port.ts'

const MAIN = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url))
const RUNS = 5

const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-start-'))
const bare = await median(() => timed(['--eval', ''], join(folder, 'cache-bare')))
print('node that does nothing', bare, bare)
let count = 0
print('first start: database, keys, administrator', await median(firstStart), bare)
print('start on what is there', await median(() => start(join(folder, '0'), join(folder, 'cache-0'))), bare)
await rm(folder, { recursive: true })

function print(name: string, ms: number, baseline: number): void {
  console.log(`  ${name.padEnd(44)} ${ms.toFixed(0).padStart(6)} ms  ratio ${(ms / baseline).toFixed(1)}`)
}

async function median(measure: () => Promise<number>): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < RUNS; run++) times.push(await measure())
  return times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0
}

async function firstStart(): Promise<number> {
  const number = count++
  const cache = join(folder, `cache-${number}`)
  await timed([MAIN, '--version'], cache)
  return start(join(folder, `${number}`), cache)
}

async function start(data: string, cache: string): Promise<number> {
  const words = [MAIN, 'serve', '--data', data, '--listen', `127.0.0.1:${await freePort()}`]
  return timed(words, cache, /^Lockkeeper is ready/)
}

/** Milliseconds until the process prints a line, or ends. */
async function timed(words: readonly string[], cache: string, line?: RegExp): Promise<number> {
  const startedAt = performance.now()
  const env = { ...process.env, NODE_COMPILE_CACHE: cache }
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'ignore'], env })
  if (!line) {
    child.stdout.resume()
    await once(child, 'exit')
    return performance.now() - startedAt
  }
  for await (const chunk of child.stdout) if (line.test(String(chunk))) break
  const took = performance.now() - startedAt
  child.kill('SIGTERM')
  if (child.exitCode === null) await once(child, 'exit')
  return took
}
