import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { manifestOf, packageNames, read, trackedFiles } from './sources.ts'

const TEXT = /\.(?:[cm]?[jt]sx?|json|ya?ml|md|sh|html|css|pem|txt|toml|npmrc)$|(?:^|\/)(?:run|LICENSE|\.[a-z]+)$/

/** Written apart, so that this file does not hold what it looks for. */
const MACHINE_PATHS = ['work', 'root', 'home/[a-z]+', 'Users/[A-Za-z]+', 'private/var'].map(
  (path) => new RegExp(`(?<![\\w.:/-])/${path}/`),
)
const REGISTRY_HOSTS = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['npm', 'pkg', 'github', 'com'],
  ['proxy', 'golang', 'org'],
  ['repo1', 'maven', 'org'],
  ['files', 'pythonhosted', 'org'],
  ['static', 'crates', 'io'],
  ['deb', 'debian', 'org'],
].map((labels) => labels.join('.'))

/** What a text holds that is true on one machine only. */
const findings = (text: string): readonly string[] => [
  ...MACHINE_PATHS.flatMap((path) => text.match(path)?.[0] ?? []),
  ...REGISTRY_HOSTS.filter((host) => text.includes(host)),
]

describe('what is committed', () => {
  it('holds no path of a machine and no name of a package registry host', () => {
    const texts = trackedFiles().filter((file) => TEXT.test(file))
    expect(texts.length).toBeGreaterThan(50)
    expect(texts.flatMap((file) => findings(read(file)).map((finding) => `${file}: ${finding}`))).toEqual([])
  })

  it('would notice both', () => {
    const planted = [
      `see ${['', 'work', 'x'].join('/')}`,
      `https://${REGISTRY_HOSTS[0]}/zod`,
      `"${['', 'root', ''].join('/')}"`,
    ]
    const harmless = ['https://example.com/work/x', './work/x', '/etc/ssl/root.crt', 'the work/life balance']
    expect(planted.filter((text) => findings(text).length === 0)).toEqual([])
    expect(harmless.filter((text) => findings(text).length > 0)).toEqual([])
  })

  it('locks dependencies by integrity, from whatever registry the machine uses', () => {
    const lock = read('pnpm-lock.yaml')
    expect(lock.match(/\b(?:https?|git\+ssh):\/\/|\btarball:/g)).toBeNull()
    const { packages }: { packages: Record<string, { resolution: Record<string, string> }> } = parse(lock)
    const loose = Object.entries(packages).filter(([, { resolution }]) => !resolution.integrity?.startsWith('sha512-'))
    expect(loose.map(([name]) => name)).toEqual([])
  })
})

describe('install scripts', () => {
  /** The dependencies that may run one, each with the reason why nothing else will do. */
  const LISTED: Readonly<Record<string, string>> = {}

  it('of dependencies run only where they are listed', () => {
    const workspace: Record<string, unknown> = parse(read('pnpm-workspace.yaml'))
    expect(workspace.strictDepBuilds).toBe(true)
    expect(Object.keys(workspace.allowBuilds ?? {})).toEqual(Object.keys(LISTED))
    expect(workspace).not.toHaveProperty('dangerouslyAllowAllBuilds')
  })

  it('of our own packages do not exist', () => {
    const atInstall = ['preinstall', 'install', 'postinstall', 'prepare', 'prepack', 'prepublish']
    const scripts = packageNames().flatMap((name) => Object.keys(manifestOf(name).scripts ?? {}))
    expect(scripts.filter((script) => atInstall.includes(script))).toEqual([])
  })
})
