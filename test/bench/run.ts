// Runs the benchmarks that are named, or all of them: node test/bench/run.ts [token ...]
import { readdir } from 'node:fs/promises'

const here = new URL('.', import.meta.url)
const names = (await readdir(here)).flatMap((file) => /^(.+)\.bench\.ts$/.exec(file)?.[1] ?? [])
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are: ${names.join(', ')}`)
  process.exit(2)
}
for (const name of wanted.length > 0 ? wanted : names) {
  console.log(`\n${name}`)
  await import(new URL(`${name}.bench.ts`, here).href)
}
