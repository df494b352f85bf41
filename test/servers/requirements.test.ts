import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type CommandOptions, execute } from './command.ts'
import { available, type Machine, needOn, REQUIREMENTS } from './requirements.ts'

const EVERYTHING = REQUIREMENTS.flatMap(({ commands }) => commands)

/** A machine with everything but what is named; Go and Maven count as commands like the others. */
const machine = (options: { readonly ci: boolean; readonly without: readonly string[] }): Machine => ({
  ci: options.ci,
  find: (command) =>
    [...EVERYTHING, 'go', 'mvn'].includes(command) && !options.without.some((one) => command.startsWith(one))
      ? `/bin/${command}`
      : undefined,
})

describe('what a suite needs', () => {
  it('runs when everything is here', () => {
    expect(needOn(machine({ ci: true, without: [] }), ['postgres', 'crane'])).toEqual({ skip: false, note: '' })
  })

  it('is skipped when something is missing, and the note says how to get it', () => {
    const need = needOn(machine({ ci: false, without: ['skopeo'] }), ['postgres', 'skopeo'])
    expect(need.skip).toBe(true)
    expect(need.note).toContain('skopeo is missing')
    expect(need.note).toContain('apt-get install --no-install-recommends skopeo')
    expect(need.note).not.toContain('postgres')
  })

  it('is missing as soon as one of its commands is', () => {
    expect(needOn(machine({ ci: false, without: ['ldapadd'] }), ['slapd']).skip).toBe(true)
  })

  it('fails on CI when a Debian package is missing', () => {
    const ci = machine({ ci: true, without: ['mariadbd'] })
    expect(() => needOn(ci, ['mariadb'])).toThrow(
      /on CI nothing is skipped, but mariadb is missing; get it: sudo apt-get/,
    )
  })

  it('fails on CI when a Go program is missing where Go is', () => {
    expect(() => needOn(machine({ ci: true, without: ['crane'] }), ['crane'])).toThrow(/crane is missing/)
  })

  it('is skipped on CI when a Go program is missing where Go is not', () => {
    expect(needOn(machine({ ci: true, without: ['crane', 'go'] }), ['crane']).skip).toBe(true)
  })

  it('fails on CI when a Java program is missing where Maven is, and is skipped where it is not', () => {
    expect(() => needOn(machine({ ci: true, without: ['uaa'] }), ['uaa'])).toThrow(/uaa is missing; get it: .*Maven/)
    expect(needOn(machine({ ci: true, without: ['uaa', 'mvn'] }), ['uaa']).skip).toBe(true)
  })

  it('fails on CI when a Debian package is missing beside a Go program', () => {
    expect(() => needOn(machine({ ci: true, without: ['crane', 'go', 'skopeo'] }), ['crane', 'skopeo'])).toThrow(
      /skopeo/,
    )
  })

  it('is asked for by names that are in the table once', () => {
    const names = REQUIREMENTS.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('the installer', () => {
  const install = (args: readonly string[], env: NonNullable<CommandOptions['env']>) =>
    execute(process.execPath, [join(import.meta.dirname, 'install.ts'), ...args], { env })

  const present = REQUIREMENTS.filter(({ name }) => available(name)).map(({ name }) => name)
  it.skipIf(present.length === 0)('says nothing when nothing is missing', async () => {
    const { code, stdout } = await install(['--only', present.join(',')], process.env)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  })

  // An empty PATH has no apt-get, so nothing is installed here even as root.
  it('lists what it cannot install, with the command that gets it, and succeeds', async () => {
    const { code, stdout } = await install(['--only', 'skopeo,crane'], { PATH: '/nowhere', XDG_CACHE_HOME: '/nowhere' })
    expect(stdout).toMatch(/skopeo .*there is no apt-get here\. Get it: sudo apt-get install/)
    expect(stdout).toMatch(/crane .*there is no Go here\. Get it: install Go/)
    expect(code).toBe(0)
  })

  it('fails on CI, but not for what only Go builds', async () => {
    const ci = { PATH: '/nowhere', XDG_CACHE_HOME: '/nowhere', CI: 'true' }
    expect(await install(['--only', 'skopeo'], ci)).toMatchObject({ code: 1 })
    expect(await install(['--only', 'crane'], ci)).toMatchObject({ code: 0 })
  })

  it('refuses a name that is not in the table', async () => {
    const { code, stdout } = await install(['--only', 'postgress'], {})
    expect(code).toBe(2)
    expect(stdout).toContain('no requirement is called postgress; there are openssl, postgres,')
  })
})
