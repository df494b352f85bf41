import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, read, trackedFiles } from '../architecture/sources.ts'
import { blocksOf } from './blocks.ts'

const EXAMPLES = trackedFiles()
  .map((file) => /^examples\/([^/]+)\/package\.json$/.exec(file)?.[1])
  .filter((name) => name !== undefined)

describe.each(EXAMPLES)('the example %s', (name) => {
  const folder = `examples/${name}`
  const commands = blocksOf(read(`${folder}/README.md`))
    .filter(({ language }) => language === 'bash')
    .flatMap(({ code }) => code.split('\n'))

  it('starts with one command, which an old Node and npm are enough for', () => {
    // `node …` alone would be the reader's own Node, and nothing would be installed.
    expect([`npm start --prefix ${folder}`, `npm test -- ${folder}`]).toContain(commands[0])
  })

  it('sets everything up before it starts', () => {
    const start: string | undefined = JSON.parse(read(`${folder}/package.json`)).scripts?.start
    if (start === undefined) return expect(commands[0]).toBe(`npm test -- ${folder}`)
    const [setUp, ...rest] = start.split(' && ')
    expect(setUp).toBe('npm run -s setup --prefix ../..')
    const program = rest.at(-1)?.replace(/^node /, '') ?? ''
    expect(program.startsWith('dist/') || existsSync(join(ROOT, folder, program)), program).toBe(true)
  })
})
