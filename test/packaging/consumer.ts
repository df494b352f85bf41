import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ROOT, read } from '../architecture/sources.ts'
import { blocksOf } from '../readme/blocks.ts'

/** What the check reads of a packed `package.json`. */
export interface PackedManifest {
  readonly name: string
  readonly version: string
  readonly bin?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** One packed package. */
export interface Packed {
  /** The folder it is made from, such as `registry-token`. */
  readonly folder: string
  readonly tarball: string
  readonly files: readonly string[]
  readonly manifest: PackedManifest
}

/**
 * A project of somebody else that installed the tarballs, and nothing of ours but the tarballs. Third-party packages are
 * linked from where they are installed here, so that no network is needed.
 *
 * @returns The folder of the project; remove it afterwards.
 */
export function installConsumer(packages: readonly Packed[]): string {
  // Outside of the repository, or what is missing here would be found there.
  const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-consumer-'))
  const modules = join(folder, 'node_modules')
  for (const { manifest, tarball } of packages) {
    const target = join(modules, manifest.name)
    mkdirSync(target, { recursive: true })
    execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'])
  }
  const ours = new Set(packages.map(({ manifest }) => manifest.name))
  for (const { folder: source, manifest } of packages) {
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
      if (!ours.has(name)) link(join(ROOT, 'packages', source, 'node_modules', name), join(modules, name))
    }
  }
  link(join(ROOT, 'node_modules', '@types', 'node'), join(modules, '@types', 'node'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
  return folder
}

/**
 * Writes the programs of the READMEs into the project of a consumer, with what they import besides.
 *
 * @returns The names of the files, which say where each program stands: `core-5.ts`, and `lockkeeper-49.ts` for our own.
 */
export function writePrograms(consumer: string, packages: readonly Packed[]): readonly string[] {
  const homes = packages.map(({ folder }) => ({ name: folder, home: join('packages', folder) }))
  return [{ name: 'lockkeeper', home: '.' }, ...homes].flatMap(({ name, home }) => {
    const blocks = blocksOf(read(join(home, 'README.md')))
    const programs = blocks.filter(({ language, notRun }) => language === 'ts' && notRun === undefined)
    return programs.map(({ code, line }) => {
      for (const [, imported = ''] of code.matchAll(/ from '([^.'][^:']*)'$/gm)) {
        const target = join(consumer, 'node_modules', imported)
        const source = join(ROOT, home, 'node_modules', imported)
        if (!existsSync(target) && existsSync(source)) link(source, target)
      }
      const file = `${name}-${line}.ts`
      // A module, also where it imports nothing.
      writeFileSync(join(consumer, file), `${code}\nexport {}\n`)
      return file
    })
  })
}

function link(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  rmSync(to, { force: true })
  symlinkSync(realpathSync(from), to)
}

/** How each entry point is imported: `@lockkeeper/registry-token/keys` for `./keys`. */
export const entryPointsOf = ({ name, exports }: PackedManifest): readonly string[] =>
  Object.keys(exports).map((entry) => (entry === '.' ? name : `${name}/${entry.slice(2)}`))
