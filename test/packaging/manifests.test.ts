import { describe, expect, it } from 'vitest'
import { packageNames, read } from '../architecture/sources.ts'

interface PackageJson {
  readonly name: string
  readonly version: string
  readonly description?: string
  readonly license?: string
  readonly type?: string
  readonly private?: boolean
  readonly engines?: Readonly<Record<string, string>>
  readonly files?: readonly string[]
  readonly exports: Readonly<Record<string, string>>
  readonly publishConfig: {
    readonly access?: string
    readonly provenance?: boolean
    readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>
  }
}

const manifest = (name: string): PackageJson => JSON.parse(read(`packages/${name}/package.json`))

describe.each(packageNames())('the manifest of %s', (folder) => {
  const json = manifest(folder)

  it('has the name of its folder, and the server the name of the project', () => {
    expect(json.name).toBe(folder === 'server' ? 'lockkeeper' : `@lockkeeper/${folder}`)
  })

  it('says what every package says', () => {
    expect(json).toMatchObject({
      version: manifest('core').version,
      description: expect.stringMatching(/^[A-Z].{20,}\.$/),
      license: 'Apache-2.0',
      type: 'module',
      engines: { node: '>=22.18' },
      files: expect.arrayContaining(['dist', 'src', 'README.md']),
      publishConfig: { access: 'public', provenance: true },
    })
    expect(json.private).toBeUndefined()
  })

  it('publishes the build of each source that it exports here', () => {
    const built = Object.entries(json.exports).map(([entry, file]) => {
      if (!file.endsWith('.ts')) return [entry, file]
      const stem = file.replace('./src/', './dist/').replace(/\.ts$/, '')
      return [entry, { types: `${stem}.d.ts`, default: `${stem}.js` }]
    })
    expect(json.publishConfig.exports).toEqual(Object.fromEntries(built))
  })
})
