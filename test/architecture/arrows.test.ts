import { describe, expect, it } from 'vitest'
import {
  ARROWS,
  BEHIND_ANOTHER_ENTRY_POINT,
  COMPUTATION,
  DRIVERS,
  EVERYTHING_BUT_TESTING,
  HTTP_CLIENT,
  type Row,
  WITHOUT_INPUT_AND_OUTPUT,
} from './arrows.ts'
import { importsOf, manifestOf, packageNames, packageOf, reachableFrom, read, sourcesOf } from './sources.ts'

const folderOf = new Map(packageNames().map((folder) => [manifestOf(folder).name, folder]))

/** Why an import is not allowed; `undefined` when it is. */
function objection(file: string, row: Row, specifier: string): string | undefined {
  const folder = file.split('/')[1] ?? ''
  if (specifier.startsWith('.')) return specifier.includes('/src/') ? 'reaches into another package' : undefined
  if (specifier.startsWith('node:')) {
    const isFree = !WITHOUT_INPUT_AND_OUTPUT.includes(folder) || HTTP_CLIENT.test(file)
    return isFree || COMPUTATION.includes(specifier) ? undefined : 'this package does no input or output'
  }
  const ours = folderOf.get(packageOf(specifier))
  if (ours === folder) return 'a package imports itself by relative paths'
  if (ours !== undefined) return row.ours.includes(ours) ? undefined : 'this arrow is not in the table'
  return [specifier, packageOf(specifier)].some((name) => row.others.includes(name)) ? undefined : 'not in the table'
}

describe.each(packageNames())('the imports of %s', (folder) => {
  const row = ARROWS[folder]

  it('are drawn in the table', () => {
    expect(row, `give ${folder} a row in test/architecture/arrows.ts and in ARCHITECTURE.md`).toBeDefined()
    const objections = sourcesOf(folder).flatMap((file) =>
      importsOf(read(file)).flatMap((specifier) => {
        const why = row && objection(file, row, specifier)
        return why === undefined ? [] : [`${file} imports ${specifier}: ${why}`]
      }),
    )
    expect(objections).toEqual([])
  })

  it('are declared in its package.json, which declares nothing that the table does not allow', () => {
    const { dependencies = {}, peerDependencies = {}, optionalDependencies = {} } = manifestOf(folder)
    const declared = [...Object.keys(dependencies), ...Object.keys(optionalDependencies)]
    const allowed = (name: string) => {
      const ours = folderOf.get(name)
      return ours === undefined ? row?.others.some((other) => packageOf(other) === name) : row?.ours.includes(ours)
    }
    expect(declared.filter((name) => !allowed(name))).toEqual([])

    const known = new Set([...declared, ...Object.keys(peerDependencies)])
    const imported = sourcesOf(folder).flatMap((file) => importsOf(read(file)).map(packageOf))
    const foreign = imported.filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
    expect([...new Set(foreign)].filter((name) => !known.has(name))).toEqual([])
  })

  it('of our own packages are references of its tsconfig.json, so that one build orders them all', () => {
    const { references = [] }: { references?: { path: string }[] } = JSON.parse(
      read(`packages/${folder}/tsconfig.json`),
    )
    const imported = sourcesOf(folder).flatMap((file) => importsOf(read(file)).map(packageOf))
    const ours = new Set(imported.flatMap((name) => folderOf.get(name) ?? []))
    const referenced = references.map(({ path }) => path.replace('../', ''))
    expect([...ours].filter((name) => !referenced.includes(name))).toEqual([])
  })
})

/** Names in a cell such as `jose, zod; @peculiar/x509 behind ./keys`: a list, then remarks that may name what is expected. */
function namesIn(cell: string, expected: readonly string[]): readonly string[] {
  const spelled = cell
    .replace(/the database drivers/, DRIVERS.join())
    .replace(/everything but testing/, EVERYTHING_BUT_TESTING.join())
  const [list = '', ...remarks] = spelled.trim().split(/;\s*/)
  const words = remarks.flatMap((remark) => remark.split(/[\s,]+/))
  const names = [...list.split(/,\s*/), ...words.filter((word) => expected.includes(word))]
  return names.filter((name) => name !== '').toSorted()
}

describe('the table of arrows', () => {
  it('has one direction: no package reaches itself', () => {
    const above = (folder: string, path: readonly string[] = []): readonly string[] => {
      if (path.includes(folder)) return [...path, folder]
      return ARROWS[folder]?.ours.flatMap((next) => above(next, [...path, folder])) ?? []
    }
    expect(Object.keys(ARROWS).flatMap((folder) => above(folder))).toEqual([])
  })

  it('is the one that ARCHITECTURE.md shows', () => {
    const cells = read('ARCHITECTURE.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split('|').slice(1, -1))
    for (const [folder, row] of Object.entries(ARROWS).filter(([name]) => packageNames().includes(name))) {
      const name = `\`${folder === 'server' ? 'lockkeeper' : folder}\``
      const [, , ours = '', others = ''] = cells.find(([first]) => first?.trim() === name) ?? []
      expect({ folder, ours: namesIn(ours, row.ours) }).toEqual({ folder, ours: row.ours.toSorted() })
      expect({ folder, others: namesIn(others, row.others) }).toEqual({ folder, others: row.others.toSorted() })
    }
  })

  it.each(Object.entries(BEHIND_ANOTHER_ENTRY_POINT))(
    '%s stays behind its own entry point',
    (name, { package: folder, entry }) => {
      const reach = (file: string | undefined) =>
        file === undefined ? [] : [...reachableFrom(`packages/${folder}/${file.replace('./', '')}`)]
      const imports = (files: readonly string[]) => files.filter((file) => importsOf(read(file)).includes(name))
      const { exports = {} } = manifestOf(folder)
      expect(imports(reach(exports[entry]))).not.toEqual([])
      expect(imports(reach(exports['.']))).toEqual([])
    },
  )
})

describe('reading imports', () => {
  it('sees statements, types, re-exports, side effects and import()', () => {
    const source = `
import { a } from 'one'
import type {
  B,
  C,
} from 'two'
import 'three'
export * from './four.ts'
export { type D, e } from '@five/x/y'
const f = await import('six')
let g: import('seven').G
// import { h } from 'eight'
/** import { i } from 'nine' */
 * import('ten')
const text = 'import j from'
`
    expect(importsOf(source).toSorted()).toEqual(
      ['one', 'two', 'three', './four.ts', '@five/x/y', 'six', 'seven'].toSorted(),
    )
  })

  it('objects to what the table does not draw', () => {
    const row: Row = { ours: ['core'], others: ['jose', 'reflect-metadata/lite'] }
    const allowed = ['@lockkeeper/core', 'jose', 'jose/jwk', 'node:crypto', './x.ts', 'reflect-metadata/lite']
    const refused = [
      '@lockkeeper/http',
      '@lockkeeper/rbac',
      'knex',
      'node:fs',
      '../../http/src/x.ts',
      'reflect-metadata',
    ]
    expect(allowed.flatMap((specifier) => objection('packages/rbac/src/x.ts', row, specifier) ?? [])).toEqual([])
    expect(refused.filter((specifier) => objection('packages/rbac/src/x.ts', row, specifier) === undefined)).toEqual([])
  })
})
