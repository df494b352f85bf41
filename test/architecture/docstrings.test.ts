import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { manifestOf, packageNames, ROOT, read } from './sources.ts'

const DECLARATION =
  /^export\s+(?:declare\s+|async\s+|abstract\s+)*(?:function\*?|class|const|let|interface|type)\s+(\w+)/
const RE_EXPORT = /^export\s+(?:type\s+)?(?:\*|\{([^}]*)\})\s*from\s+'([^']+)'/gm

/** Names that a source declares and exports, each with whether a docstring stands before its first declaration. */
function declarationsIn(source: string): ReadonlyMap<string, boolean> {
  const lines = source.split('\n')
  const found = new Map<string, boolean>()
  for (const [index, line] of lines.entries()) {
    const name = DECLARATION.exec(line)?.[1]
    // A formatter or linter directive may stand between the docstring and its declaration.
    const before = lines.slice(0, index).findLast((text) => !text.startsWith('// biome-ignore'))
    if (name !== undefined && !found.has(name)) found.set(name, before?.trimEnd().endsWith('*/') ?? false)
  }
  return found
}

/** Every name that an entry file offers, with the file that declares it. */
function exportsOf(
  file: string,
): readonly { readonly name: string; readonly file: string; readonly documented: boolean }[] {
  const source = read(file)
  const own = [...declarationsIn(source)].map(([name, documented]) => ({ name, file, documented }))
  const others = [...source.matchAll(RE_EXPORT)].flatMap(([, list, specifier = '']) => {
    // What comes from another package is documented there.
    const isOurs = specifier.startsWith('.')
    const target = isOurs ? exportsOf(relative(ROOT, join(ROOT, dirname(file), specifier))) : []
    if (list === undefined) return target
    const names = list.split(',').map(
      (item) =>
        item
          .replace(/^\s*type\s+/, '')
          .trim()
          .split(/\s+as\s+/)[0] ?? '',
    )
    return names
      .filter((name) => name !== '')
      .map((name) => target.find((each) => each.name === name) ?? { name, file, documented: !isOurs })
  })
  return [...own, ...others]
}

describe('every export has a docstring', () => {
  it.each(packageNames())('in %s', (name) => {
    const { exports = {} } = manifestOf(name)
    const entries = Object.values(exports).filter((entry) => entry.endsWith('.ts'))
    const offered = entries.flatMap((entry) => exportsOf(join('packages', name, entry)))
    expect(entries.length).toBeGreaterThan(0)
    expect(offered.length, 'a package that offers nothing is not one').toBeGreaterThan(0)
    expect(offered.filter(({ documented }) => !documented).map((each) => `${each.file}: ${each.name}`)).toEqual([])
  })

  it('and one without is noticed', () => {
    const source = `
/** Documented. */
export function a(): void
export function a(x?: string): void {}

export const b = 1
// Not a docstring.
export interface C {}
/** Documented. */
// biome-ignore format: a table
export type D = 1
`
    expect([...declarationsIn(source)]).toEqual([
      ['a', true],
      ['b', false],
      ['C', false],
      ['D', true],
    ])
  })
})
