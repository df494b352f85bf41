import { type CommandOptions, execute } from '../command.ts'
import { findCommand } from '../find-command.ts'
import { withoutServices } from './without-services.ts'

const QUIET: CommandOptions = {
  env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
  timeoutMs: 15 * 60_000,
}
/** Another apt-get, a nightly upgrade for instance, is waited for. */
const PATIENT = ['-o', 'DPkg::Lock::Timeout=120']

/** slapd would otherwise ask for an administrator's password and set up a directory of its own. */
const ANSWERS = 'slapd slapd/no_configuration boolean true\n'

/** Why packages cannot be installed here, or `undefined` when they can. */
export function whyNoPackages(): string | undefined {
  if (findCommand('apt-get') === undefined) return 'there is no apt-get here'
  if (process.getuid?.() !== 0) return 'only root can install packages'
  return undefined
}

/**
 * Installs Debian packages and leaves no service running. A package that this release does not have is left out, so
 * that it does not keep the others away.
 *
 * @returns What went wrong, or `undefined`.
 */
export async function installPackages(wanted: readonly string[]): Promise<string | undefined> {
  const update = await execute('apt-get', ['update', '-qq', ...PATIENT], QUIET)
  const packages = (await Promise.all(wanted.map(choose))).filter((name) => name !== undefined)
  if (packages.length === 0) return update.stderr.trim() || 'this release has none of these packages'
  if (packages.includes('slapd')) await execute('debconf-set-selections', [], { ...QUIET, input: ANSWERS })
  const install = await withoutServices(() =>
    execute('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...PATIENT, ...packages], QUIET),
  )
  return install.code === 0 ? undefined : install.stderr.trim().split('\n').slice(-8).join('\n')
}

/** Of `a|b` the first that this release offers. */
async function choose(either: string): Promise<string | undefined> {
  for (const name of either.split('|')) {
    const { stdout } = await execute('apt-cache', ['policy', name], QUIET)
    if (/Candidate: (?!\(none\))/.test(stdout)) return name
  }
  return undefined
}
