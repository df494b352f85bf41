/**
 * Packs every package as it would be published and holds the tarballs to what their users rely on.
 *
 *     npm run types && node test/packaging/check.ts
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { packageNames, ROOT } from '../architecture/sources.ts'
import { entryPointsOf, installConsumer, type Packed, writePrograms } from './consumer.ts'

const PNPM = 'pnpm@12.21.0'
const bin = (name: string): string => join(ROOT, 'node_modules', '.bin', name)
const problems: string[] = []

/** Runs a tool; what it prints is shown when it fails. */
function check(what: string, command: string, args: readonly string[], cwd = ROOT): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status === 0) return
  problems.push(`${what}\n${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`.trimEnd())
}

function pack(): readonly Packed[] {
  const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-pack-'))
  execFileSync('npx', ['--yes', PNPM, '-r', '--filter', './packages/*', 'pack', '--pack-destination', folder], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return readdirSync(folder).map((name) => {
    const tarball = join(folder, name)
    const tar = (...args: string[]) => execFileSync('tar', args, { encoding: 'utf8' })
    const files = tar('-tzf', tarball)
      .trim()
      .split('\n')
      .map((file) => file.replace('package/', ''))
    const manifest: Packed['manifest'] = JSON.parse(tar('-xzOf', tarball, 'package/package.json'))
    return {
      folder: manifest.name.replace('@lockkeeper/', '').replace(/^lockkeeper$/, 'server'),
      tarball,
      files,
      manifest,
    }
  })
}

/** What no linter looks for. */
function inspect({ manifest, files }: Packed): readonly string[] {
  const promised = [
    ...Object.values(manifest.exports).flatMap((entry) => Object.values(entry)),
    ...Object.values(manifest.bin ?? {}),
  ]
  const missing = [...promised.map((file) => file.replace('./', '')), 'README.md', 'LICENSE'].filter(
    (file) => !files.includes(file),
  )
  const unwanted = files.filter(
    (file) => !/^(?:dist|src|bin)\/|^(?:package\.json|README\.md|LICENSE|.+\.schema\.json)$/.test(file),
  )
  const versions = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })
  return [
    ...missing.map((file) => `${file} is missing`),
    ...unwanted.map((file) => `${file} has no business in the tarball`),
    ...versions
      .filter(([, range]) => /^(?:workspace|catalog|link|file):/.test(range))
      .map(([name]) => `${name} has no version`),
  ]
}

const packages = pack()
const unpacked = packageNames().filter((name) => !packages.some(({ folder }) => folder === name))
problems.push(...unpacked.map((name) => `packages/${name} was not packed`))

for (const packed of packages) {
  const { manifest, tarball } = packed
  problems.push(...inspect(packed).map((problem) => `${manifest.name}: ${problem}`))
  check(`publint finds fault with ${manifest.name}`, bin('publint'), ['run', tarball, '--strict'])
  check(`attw finds fault with ${manifest.name}`, bin('attw'), [tarball, '--profile', 'esm-only', '--no-color'])
}

// The tarballs, used by somebody who has nothing else of ours: every entry point loads, and type-checks as every program
// of a README does.
const consumer = installConsumer(packages)
const entryPoints = packages.flatMap(({ manifest }) => entryPointsOf(manifest))
const imports = entryPoints.map((name, index) => `import * as m${index} from '${name}'\nvoid m${index}\n`).join('')
writeFileSync(join(consumer, 'all.ts'), imports)
const files = ['all.ts', ...writePrograms(consumer, packages)]
const resolutions = { node: { module: 'nodenext' }, bundler: { module: 'esnext', moduleResolution: 'bundler' } }
for (const [name, resolution] of Object.entries(resolutions)) {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    ...resolution,
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable', 'dom', 'dom.iterable'],
    types: ['node'],
    skipLibCheck: false,
  }
  writeFileSync(join(consumer, `${name}.json`), JSON.stringify({ compilerOptions, files }))
  check(`as ${name} resolves imports, declarations or programs do not type-check`, bin('tsc'), [
    '-p',
    join(consumer, `${name}.json`),
  ])
}
for (const name of entryPoints) {
  check(
    `${name} does not load`,
    process.execPath,
    ['--input-type=module', '--eval', `await import('${name}')`],
    consumer,
  )
}
for (const { manifest } of packages) {
  for (const [command, file] of Object.entries(manifest.bin ?? {})) {
    check(`${command} does not start`, process.execPath, [
      join(consumer, 'node_modules', manifest.name, file),
      '--version',
    ])
  }
}
rmSync(consumer, { recursive: true })
for (const folder of new Set(packages.map(({ tarball }) => dirname(tarball)))) rmSync(folder, { recursive: true })

if (problems.length > 0) {
  console.error(problems.join('\n\n'))
  process.exitCode = 1
} else {
  console.log(`packaging: ${packages.length} packages, ${entryPoints.length} entry points, nothing to complain about`)
}
