import { describe, expect, it } from 'vitest'
import { packageNames, read, sourcesOf, trackedFiles } from './sources.ts'

const sources = packageNames().flatMap((name) => sourcesOf(name))
const code = trackedFiles().filter((file) => /\.(?:ts|tsx|mts|js|mjs)$/.test(file))
const SELF = 'test/architecture/shape.test.ts'
const lineCount = (file: string): number => read(file).trimEnd().split('\n').length

const DECORATOR = /^\s*@(?!(?:media|supports|container|layer|keyframes|font-face)\b)[A-Za-z]|[(,]\s*@[A-Za-z]\w*\(/

/** Lines that carry a decorator; `@param` and its like stand in comments, `@media` and its like in style sheets. */
const decoratorsIn = (source: string): readonly string[] => source.split('\n').filter((line) => DECORATOR.test(line))

describe('the shape of the sources', () => {
  it('has no file of code over 300 lines', () => {
    expect(code.map((file) => ({ file, lines: lineCount(file) })).filter(({ lines }) => lines > 300)).toEqual([])
  })

  it('has nine sources in ten under 250 lines', () => {
    const long = sources.filter((file) => lineCount(file) >= 250)
    expect(long.length, long.join(', ')).toBeLessThanOrEqual(sources.length / 10)
  })

  it('has at most two levels of folders under src', () => {
    expect(sources.filter((file) => file.split('/').length > 6)).toEqual([])
  })

  it('has neither utils nor helpers: a helper lives beside its one user, or earns a name', () => {
    const segments = (file: string) => file.split('/').map((segment) => segment.replace(/\..*/, ''))
    expect(
      code.filter((file) => segments(file).some((name) => /^(?:utils?|helpers?|common|misc)$/.test(name))),
    ).toEqual([])
  })

  it('names files and folders in kebab-case', () => {
    expect(sources.filter((file) => !/^[a-z0-9/-]+(?:\.[a-z-]+)*\.ts$/.test(file))).toEqual([])
  })

  it('has decorators in examples/with-decorators alone: Node cannot strip them', () => {
    const elsewhere = code.filter((file) => !file.startsWith('examples/with-decorators/') && file !== SELF)
    expect(elsewhere.filter((file) => decoratorsIn(read(file)).length > 0)).toEqual([])
  })

  it('has no default export but where a tool asks for one', () => {
    const asked = new Set(['vitest.config.ts'])
    expect(code.filter((file) => !asked.has(file) && /^export default\b/m.test(read(file)))).toEqual([])
  })

  it('would notice a decorator', () => {
    const planted = [
      '@injectable()',
      '  @Inject(KEY)',
      'constructor(@inject(KEY) readonly x: X) {}',
      'f(a, @inject(B) b)',
    ]
    const harmless = [
      ' * @param x The x.',
      '/** @see {@link x} */',
      "import '@lockkeeper/core'",
      'git@example.com',
      '  @media print {',
    ]
    expect(planted.filter((line) => decoratorsIn(line).length === 0)).toEqual([])
    expect(harmless.filter((line) => decoratorsIn(line).length > 0)).toEqual([])
  })
})
