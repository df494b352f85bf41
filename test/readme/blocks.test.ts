import { describe, expect, it } from 'vitest'
import { blocksOf, localLinksOf } from './blocks.ts'
import { runBlock } from './run-block.ts'

const FENCE = '```'

describe('reading Markdown', () => {
  it('finds blocks with their language, their line and the reason why they are not run', () => {
    const text = `# A\n\n${FENCE}ts\na\nb\n${FENCE}\n<!-- not run: it needs a daemon -->\n${FENCE}bash\nc\n${FENCE}\n${FENCE}\nd\n${FENCE}`
    expect(blocksOf(text)).toEqual([
      { language: 'ts', code: 'a\nb', line: 3 },
      { language: 'bash', code: 'c', line: 8, notRun: 'it needs a daemon' },
      { language: '', code: 'd', line: 11 },
    ])
  })

  it('refuses a block that never ends, which would hide the rest of the page', () => {
    expect(() => blocksOf(`${FENCE}ts\na`)).toThrow('line 1')
  })

  it('finds links to files, outside of blocks', () => {
    const text = `[a](x.md) [b](y/z.md#part) [c](https://example.com) [d](#here)\n${FENCE}\n[e](no.md)\n${FENCE}\n[f](LICENSE)`
    expect(localLinksOf(text)).toEqual(['x.md', 'y/z.md', 'LICENSE'])
  })
})

describe('running a program', () => {
  const run = (program: string) => runBlock(program, 'README.md', `self-${Math.random()}`)

  it('finds the packages of this repository by name', async () => {
    const outcome = await run(
      `import { parseResource } from '@lockkeeper/core'\nconsole.log(parseResource('system:x')?.kind)`,
    )
    expect(outcome).toMatchObject({ exitCode: 0, output: expect.stringContaining('system') })
  })

  it('notices one that throws, does not resolve or does not parse', async () => {
    expect((await run(`throw new Error('planted')`)).output).toContain('planted')
    for (const program of [`throw new Error('planted')`, `import 'no-such-package'`, 'const a = ']) {
      expect((await run(program)).exitCode).toBe(1)
    }
  })
})
