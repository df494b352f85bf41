import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  type Authenticator,
  ConfigurationError,
  type ConfigurationProblem,
  isConfigurationError,
} from '@lockkeeper/core'
import { type AuthModeFactory, BUILT_IN_MODES, type ModeContext } from './built-in-modes.ts'
import type { LoadedSettings } from './config/load.ts'
import { inKeysOf, misplacedKeys } from './config/section-keys.ts'
import { readTexts } from './config/texts.ts'

/**
 * Makes every auth mode that the configuration names: the built-in ones, and those of its plugins.
 *
 * A section `auth.<mode>` holds the options of that mode; `auth.<mode>/<name>` is another instance of it. `db_auth` is
 * always made, since the super user verifies there whatever the order says. The caller closes the modes, see `closeModes`.
 *
 * @throws {ConfigurationError} with every mode that cannot be made, and every section that belongs to none.
 */
export async function makeModes(
  { settings, folder }: LoadedSettings,
  given: Pick<ModeContext, 'stores' | 'warn'>,
): Promise<readonly Authenticator[]> {
  const { modes, plugins, ...sections } = settings.auth
  const problems: ConfigurationProblem[] = []
  const made = new Map<string, Authenticator>()

  for (const mode of new Set(['db_auth', ...modes])) {
    const factory = BUILT_IN_MODES.get(mode.split('/')[0] ?? mode)
    if (factory) await addBuiltIn(mode, factory)
  }
  for (const plugin of plugins) await addPlugin(plugin)
  for (const mode of modes) {
    if (!made.has(mode) && !problems.some(({ path }) => path.startsWith(`auth.${mode}`))) {
      const builtIn = [...BUILT_IN_MODES.keys()].join(', ')
      problems.push({
        path: 'auth.modes',
        message: `names ${mode}, which is neither built in (${builtIn}) nor made by a plugin`,
      })
    }
  }
  for (const name of Object.keys(sections)) {
    if (made.has(name) || problems.some(({ path }) => path.startsWith(`auth.${name}`))) continue
    problems.push({
      path: `auth.${name}`,
      message: 'belongs to no mode in auth.modes; add it there or remove the section',
    })
  }
  if (problems.length === 0) return [...made.values()]
  await closeModes([...made.values()])
  throw new ConfigurationError('configuration', problems)

  /** The options of a mode are the section that is named after it. */
  function sectionOf(mode: string): object {
    // An empty section of YAML is null.
    const section = (Object.hasOwn(sections, mode) ? sections[mode] : undefined) ?? {}
    if (typeof section === 'object' && !Array.isArray(section)) return section
    throw new ConfigurationError(mode, [{ path: '', message: 'must be a section of options' }])
  }

  async function make(factory: AuthModeFactory, mode: string): Promise<Authenticator> {
    return await factory(readTexts(mode, sectionOf(mode), folder), { mode, folder, ...given })
  }

  async function addBuiltIn(mode: string, factory: AuthModeFactory): Promise<void> {
    const add = ({ path, message }: ConfigurationProblem) =>
      problems.push({ path: joined(`auth.${mode}`, path), message })
    try {
      misplacedKeys(sectionOf(mode)).forEach(add)
      const authenticator = await make(factory, mode)
      made.set(authenticator.mode, authenticator)
    } catch (error) {
      const [kind = mode] = mode.split('/')
      for (const problem of problemsOf('', error)) add(inKeysOf(kind, problem))
    }
  }

  /** Which mode a plugin makes is seen when it has made it. */
  async function addPlugin(plugin: string): Promise<void> {
    let factory: AuthModeFactory
    try {
      factory = await loadPlugin(plugin, folder)
    } catch (error) {
      problems.push(...problemsOf(`auth.plugins: ${plugin}`, error))
      return
    }
    const unclaimed = modes.filter((mode) => !made.has(mode) && !BUILT_IN_MODES.has(mode.split('/')[0] ?? mode))
    const failures: ConfigurationProblem[] = []
    for (const mode of unclaimed) {
      try {
        const authenticator = await make(factory, mode)
        if (authenticator.mode === mode) return void made.set(mode, authenticator)
        await closeModes([authenticator])
      } catch (error) {
        failures.push(...problemsOf(`auth.${mode}`, error))
      }
    }
    const wanted = unclaimed.length === 0 ? 'name its mode in auth.modes' : `makes none of ${unclaimed.join(', ')}`
    problems.push(...(failures.length > 0 ? failures : [{ path: `auth.plugins: ${plugin}`, message: wanted }]))
  }
}

/** Closes the modes that hold connections. */
export async function closeModes(authenticators: readonly (Authenticator & Partial<AsyncDisposable>)[]): Promise<void> {
  await Promise.all(authenticators.map((authenticator) => authenticator[Symbol.asyncDispose]?.()))
}

async function loadPlugin(plugin: string, folder: string): Promise<AuthModeFactory> {
  const isPath = plugin.startsWith('.') || plugin.startsWith('/')
  const module: unknown = await import(isPath ? pathToFileURL(resolve(folder, plugin)).href : plugin)
  if (typeof module === 'object' && module !== null && 'authMode' in module && typeof module.authMode === 'function') {
    return module.authMode as AuthModeFactory
  }
  throw new TypeError('must export authMode, a function from options to an Authenticator')
}

function problemsOf(path: string, error: unknown): readonly ConfigurationProblem[] {
  if (isConfigurationError(error)) {
    return error.problems.map((problem) => ({ path: joined(path, problem.path), message: problem.message }))
  }
  return [{ path, message: error instanceof Error ? error.message : String(error) }]
}

const joined = (path: string, below: string): string => {
  if (path === '' || below === '') return path + below
  return below.startsWith('[') ? `${path}${below}` : `${path}.${below}`
}
