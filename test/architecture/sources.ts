import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Every file that is or would be committed, relative to the repository, sorted. */
export function trackedFiles(): readonly string[] {
  const output = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  return [...new Set(output.split('\0'))].filter((file) => file !== '' && existsSync(join(ROOT, file))).sort()
}

/** The text of a file of the repository. */
export const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

/** Names of the folders under `packages/`. */
export const packageNames = (): readonly string[] =>
  readdirSync(join(ROOT, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(ROOT, 'packages', entry.name, 'package.json')))
    .map((entry) => entry.name)
    .sort()

/** The sources of one package, relative to the repository. */
export const sourcesOf = (name: string): readonly string[] =>
  trackedFiles().filter((file) => file.startsWith(`packages/${name}/src/`) && /\.m?tsx?$/.test(file))

const STATEMENT = /^(?:import|export)\s(?:[^'";]*?\sfrom\s+)?'([^'\n]+)'/gm
const EXPRESSION = /(?<![\w.])(?:import|import\.meta\.resolve)\(\s*['"`]([^'"`\n]+)['"`]/g

/** What a source imports: statements, re-exports, types and `import()` alike. Reads code as Biome formats it. */
export function importsOf(source: string): readonly string[] {
  const code = source.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '')
  return [...code.matchAll(STATEMENT), ...code.matchAll(EXPRESSION)].map((match) => match[1] ?? '')
}

/** The package that an import names: `@hono/node-server` of `@hono/node-server/serve-static`. */
export const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/** Every file of a package that an entry file reaches by relative imports, the entry itself included. */
export function reachableFrom(entry: string, reached = new Set<string>()): ReadonlySet<string> {
  if (reached.has(entry)) return reached
  reached.add(entry)
  for (const specifier of importsOf(read(entry))) {
    if (specifier.startsWith('.')) reachableFrom(relative(ROOT, join(ROOT, dirname(entry), specifier)), reached)
  }
  return reached
}

/** The manifest of a package. */
export interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}

/** Reads `packages/<name>/package.json`. */
export const manifestOf = (name: string): Manifest => JSON.parse(read(`packages/${name}/package.json`))
