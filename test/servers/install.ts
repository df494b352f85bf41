/**
 * Gets what the tests need from outside npm: `node test/servers/install.ts [--list] [--only postgres,slapd]`.
 * Does nothing, quickly, when everything is here. See the README beside this file.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Claim, claim } from './claim.ts'
import { findCommand } from './find-command.ts'
import { installPackages, whyNoPackages } from './install/debian.ts'
import { buildProgram, whyNoGo } from './install/go.ts'
import { assembleApplication, whyNoMaven } from './install/maven.ts'
import { builtName, howToGet, isObligatory, isPresent, REQUIREMENTS, type Requirement } from './requirements.ts'

const LONGEST_WAIT_MS = 30 * 60_000
const say = (line: string): void => console.log(line)

const { values } = parseArgs({ options: { list: { type: 'boolean' }, only: { type: 'string' } } })
const wanted = select(values.only)

if (values.list) list(wanted)
else if (missingOf(wanted).length > 0) process.exitCode = await install(wanted)

async function install(requirements: readonly Requirement[]): Promise<number> {
  const obstacles = { debian: whyNoPackages(), go: whyNoGo(), maven: whyNoMaven() }
  const possible = missingOf(requirements).filter(({ get }) => obstacles[get.from] === undefined)
  if (possible.length > 0) {
    const turn = await takeTurn()
    // Looked at again: the run we waited for may have brought it.
    await bring(missingOf(possible)).finally(turn.release)
  }
  const missing = missingOf(requirements)
  if (missing.length > 0) say('Missing; tests that need these are skipped:')
  for (const one of missing) {
    const obstacle = obstacles[one.get.from] ?? 'see above'
    say(`  ${one.name.padEnd(13)} ${one.why}. Not installed: ${obstacle}. Get it: ${howToGet(one)}`)
  }
  const failed = missing.filter((one) => isObligatory(one))
  if (failed.length > 0) say(`On CI nothing is skipped, so this fails: ${failed.map((one) => one.name).join(', ')}`)
  return failed.length > 0 ? 1 : 0
}

async function bring(missing: readonly Requirement[]): Promise<void> {
  const packages = missing.flatMap(({ get }) => (get.from === 'debian' ? get.packages : []))
  if (packages.length > 0) {
    await timed(`installing ${packages.join(' ').replaceAll('|', ' or ')} (about a minute)`, () =>
      installPackages(packages),
    )
  }
  for (const { name, get } of missing) {
    if (get.from === 'debian') continue
    const file = builtName(name, get)
    const [work, how] =
      get.from === 'go'
        ? [() => buildProgram(file, get), 'building from source']
        : [() => assembleApplication(file, get), 'getting from Maven Central']
    await timed(`${how}: ${name} ${get.version} (about ${get.about})`, work)
  }
}

async function timed(what: string, work: () => Promise<string | undefined>): Promise<void> {
  say(`${what} ...`)
  const startedAt = performance.now()
  const failure = await work().catch(String)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  say(failure === undefined ? `  done in ${seconds} s` : `  failed after ${seconds} s: ${failure}`)
}

/** One installation at a time on a machine, however many test runs start at once. */
async function takeTurn(): Promise<Claim> {
  const waitUntil = performance.now() + LONGEST_WAIT_MS
  for (let tries = 0; performance.now() < waitUntil; tries++) {
    const turn = await claim('install')
    if (turn !== undefined) return turn
    if (tries === 0) say('waiting for another run that is installing test servers ...')
    await delay(250)
  }
  throw new Error('another run has been installing test servers for half an hour; end it and try again')
}

function missingOf(requirements: readonly Requirement[]): readonly Requirement[] {
  return requirements.filter((one) => !isPresent(one))
}

function select(only: string | undefined): readonly Requirement[] {
  if (only === undefined) return REQUIREMENTS
  const names = only.split(',')
  const unknown = names.filter((name) => !REQUIREMENTS.some((one) => one.name === name))
  if (unknown.length === 0) return REQUIREMENTS.filter(({ name }) => names.includes(name))
  say(
    `--only: no requirement is called ${unknown.join(', ')}; there are ${REQUIREMENTS.map(({ name }) => name).join(', ')}`,
  )
  process.exit(2)
}

function list(requirements: readonly Requirement[]): void {
  for (const one of requirements) {
    const where = isPresent(one) ? findCommand(one.commands[0]) : `missing. Get it: ${howToGet(one)}`
    say(`${one.name.padEnd(13)} ${one.why.padEnd(38)} ${where}`)
  }
}
