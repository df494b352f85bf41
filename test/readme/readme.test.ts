import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseOptions } from '@lockkeeper/core'
import { configurationSchema } from 'lockkeeper'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { packageNames, ROOT, read, trackedFiles } from '../architecture/sources.ts'
import { type Block, blocksOf, localLinksOf } from './blocks.ts'
import { runBlock } from './run-block.ts'
import { isSession, runSession } from './run-session.ts'

const READMES = trackedFiles().filter((file) => /^(?:(?:packages|examples)\/[^/]+\/)?README\.md$/.test(file))
/** Languages of commands: a reader types them, so each is run somewhere, or says why not. */
const COMMANDS = new Set(['bash', 'sh', 'shell', 'console'])
/** How a block begins that shows settings of the server. */
const CONFIGURATION = '# lockkeeper.yaml'
/** Fences that hold no program: output, configuration, drawings. */
const TEXTS = new Set(['', 'text', 'json', 'yaml', 'sql', 'diff', 'http'])

describe('READMEs', () => {
  it('stand in every package and example', () => {
    const folders = trackedFiles().filter((file) => /^(?:packages|examples)\/[^/]+\/package\.json$/.test(file))
    expect(folders.map((file) => join(dirname(file), 'README.md')).filter((file) => !READMES.includes(file))).toEqual(
      [],
    )
    expect(READMES.length).toBeGreaterThan(packageNames().length)
  })

  describe.each(READMES)('%s', (readme) => {
    const blocks = blocksOf(read(readme))
    const programs = blocks.filter(({ language, notRun }) => language === 'ts' && notRun === undefined)

    it.each(programs)('runs the program on line $line', { timeout: 30_000 }, async ({ code, line }) => {
      const { exitCode, output } = await runBlock(code, readme, `line-${line}`)
      expect(exitCode, output).toBe(0)
    })

    const settings = blocks.filter(({ language, code }) => language === 'yaml' && code.startsWith(CONFIGURATION))

    it.each(settings)('shows a configuration that the server takes on line $line', ({ code }) => {
      const parsed = parseOptions('lockkeeper.yaml', configurationSchema, parse(code) ?? {})
      expect(parsed).toBeDefined()
    })

    const isRunSession = ({ language, code, notRun }: Block) =>
      language === 'console' && notRun === undefined && isSession(code)

    it.each(blocks.filter(isRunSession))(
      'shows what the commands answer on line $line',
      { timeout: 60_000 },
      async ({ code }) => {
        expect(await runSession(code)).toEqual([])
      },
    )

    it('marks every block that no test runs, with the reason', () => {
      const unmarked = blocks.filter(
        (block) => COMMANDS.has(block.language) && block.notRun === undefined && !isRunSession(block),
      )
      expect(unmarked.map(({ line, code }) => `line ${line}: ${code.split('\n')[0]}`)).toEqual([])
    })

    it('has no program in a language that nobody checks', () => {
      const known = ({ language, notRun }: Block) =>
        language === 'ts' || COMMANDS.has(language) || TEXTS.has(language) || notRun !== undefined
      expect(blocks.filter((block) => !known(block)).map(({ line, language }) => `line ${line}: ${language}`)).toEqual(
        [],
      )
    })
  })
})

describe('links in Markdown files', () => {
  it.each(trackedFiles().filter((file) => file.endsWith('.md')))('lead somewhere: %s', (file) => {
    const links = localLinksOf(read(file))
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(file), link)))).toEqual([])
  })
})
