import { findCommand } from './find-command.ts'

/** One thing from outside npm that some tests need: how to see that it is here, and how to get it. */
export interface Requirement {
  readonly name: string
  readonly why: string
  /** All of them have to be found. */
  readonly commands: readonly [string, ...string[]]
  readonly get: Debian | GoProgram | WebApplication
}

/** Debian packages; `a|b` means whichever of the two this release has. */
interface Debian {
  readonly from: 'debian'
  readonly packages: readonly string[]
}

/** A Go program built from source at one version. `about` tells a person how long that takes on two cores. */
export interface GoProgram {
  readonly from: 'go'
  readonly module: string
  readonly version: string
  readonly program: string
  readonly about: string
  /** Modules with their versions, for those that its own `go.mod` replaces: a replacement counts for nobody else. */
  readonly beside?: readonly string[]
}

/** A web application in Java, with what it needs to run today, all by their coordinates in Maven Central. */
export interface WebApplication {
  readonly from: 'maven'
  readonly version: string
  readonly tomcat: string
  readonly war: string
  /** The path it is served below. */
  readonly context: string
  /** Put among its own libraries, in place of `replaced`. */
  readonly libraries: readonly string[]
  readonly replaced: readonly string[]
  readonly about: string
}

const debian = (...packages: readonly string[]): Debian => ({ from: 'debian', packages })

const go = (module: string, version: string, program: string, about: string): GoProgram => {
  return { from: 'go', module, version, program, about }
}

const DISTRIBUTION = go('github.com/distribution/distribution/v3', 'v3.1.2', 'cmd/registry', 'two minutes')
const CRANE = go('github.com/google/go-containerregistry', 'v0.22.1', 'cmd/crane', 'half a minute')
const ORAS = go('oras.land/oras', 'v1.3.3', 'cmd/oras', 'half a minute')
/** Its tags are v2 and more while its module path is not, so Go knows versions of it by their commit alone. */
const DEX: GoProgram = {
  ...go('github.com/dexidp/dex', 'v0.0.0-20260806151424-ab64ed778070', 'cmd/dex', 'four minutes'),
  beside: ['github.com/dexidp/dex/api/v2 v2.4.1-0.20260806151424-ab64ed778070'],
}

/** The last UAA that was published as a war, of 2019, made to run on the JDKs of today. */
const UAA: WebApplication = {
  from: 'maven',
  version: '4.30.0',
  tomcat: 'org.apache.tomcat:tomcat:9.0.98:tar.gz',
  war: 'org.cloudfoundry.identity:cloudfoundry-identity-uaa:4.30.0:war',
  context: 'uaa',
  // JAXB left the JDK with Java 11; this Groovy is the first of its line that knows Java 17.
  libraries: ['javax.xml.bind:jaxb-api:2.3.1', 'com.sun.xml.bind:jaxb-impl:2.3.3', 'org.codehaus.groovy:groovy:2.5.23'],
  replaced: ['groovy-2.5.2.jar'],
  about: 'a minute',
}

/** The name of a built program's file: a new pin is a new file, so an old build never passes for it. */
export const builtName = (name: string, { version }: GoProgram | WebApplication): string => `${name}-${version}`

// biome-ignore format: a table is read by column
const TABLE = [
  { name: 'openssl',      why: 'certificates for TLS tests',            commands: ['openssl', 'update-ca-certificates'],         get: debian('openssl', 'ca-certificates') },
  { name: 'postgres',     why: 'stores on PostgreSQL',                  commands: ['postgres', 'initdb', 'psql'],                get: debian('postgresql') },
  { name: 'mariadb',      why: 'stores on MariaDB',                     commands: ['mariadbd', 'mariadb-install-db', 'mariadb'], get: debian('mariadb-server') },
  { name: 'redis',        why: 'lockout in Redis',                      commands: ['redis-server'],                              get: debian('redis-server') },
  { name: 'slapd',        why: 'logins against OpenLDAP',               commands: ['slapd', 'ldapadd', 'ldapwhoami'],            get: debian('slapd', 'ldap-utils') },
  { name: 'samba',        why: 'logins against Active Directory',       commands: ['samba', 'samba-tool'],                       get: debian('samba-ad-dc', 'samba-ad-provision', 'winbind') },
  { name: 'faketime',     why: 'passwords that have grown old',         commands: ['faketime'],                                  get: debian('faketime') },
  { name: '389-ds',       why: 'logins against 389 Directory Server',    commands: ['ns-slapd', 'certutil', 'pk12util'],          get: debian('389-ds-base', 'libnss3-tools') },
  { name: 'uaa',          why: 'logins against Cloud Foundry UAA',      commands: [builtName('uaa', UAA)],                       get: UAA },
  { name: 'dex',          why: 'logins at a second OpenID provider',    commands: [builtName('dex', DEX)],                       get: DEX },
  { name: 'registry-2.8', why: 'Docker Registry 2.8 behind tokens',     commands: ['docker-registry'],                           get: debian('docker-registry') },
  { name: 'docker',       why: 'docker login (no engine needed)',       commands: ['docker'],                                    get: debian('docker-cli|docker.io') },
  { name: 'skopeo',       why: 'pushes, pulls, mounts and deletes',     commands: ['skopeo'],                                    get: debian('skopeo') },
  { name: 'chromium',     why: 'pages in a real browser',               commands: ['chromium'],                                  get: debian('chromium') },
  { name: 'registry-3',   why: 'Distribution registry 3 behind tokens', commands: [builtName('registry-3', DISTRIBUTION)],       get: DISTRIBUTION },
  { name: 'crane',        why: 'a second family of clients',            commands: [builtName('crane', CRANE)],                   get: CRANE },
  { name: 'oras',         why: 'a third family of clients',             commands: [builtName('oras', ORAS)],                     get: ORAS },
] as const satisfies readonly Requirement[]

/** The names that tests ask for. */
export type RequirementName = (typeof TABLE)[number]['name']

/** Everything from outside npm that some test needs. */
export const REQUIREMENTS: readonly (Requirement & { readonly name: RequirementName })[] = TABLE

/** What the answers depend on; tests hand in their own. */
export interface Machine {
  find(command: string): string | undefined
  /** On CI a missing requirement fails, because a skipped test there would look like a passed one. */
  readonly ci: boolean
}

const thisMachine: Machine = { find: findCommand, ci: process.env.CI === 'true' }

/** Whether all commands of a requirement are here. */
export function available(name: RequirementName, machine: Machine = thisMachine): boolean {
  return isPresent(lookUp(name), machine)
}

/** Whether a requirement's commands are all here. */
export const isPresent = ({ commands }: Requirement, machine: Machine = thisMachine): boolean =>
  commands.every((command) => machine.find(command) !== undefined)

/** Whether this machine has to have it: on CI everything, except what only Go or Maven brings where that is not. */
export const isObligatory = ({ get }: Requirement, machine: Machine = thisMachine): boolean =>
  machine.ci && (get.from === 'debian' || machine.find(get.from === 'go' ? 'go' : 'mvn') !== undefined)

/** What a person does to get a requirement. */
export function howToGet({ get }: Requirement): string {
  if (get.from === 'go') return 'install Go and run npm test again'
  if (get.from === 'maven') return 'install Maven with a JDK (17 is fine) and run npm test again'
  const [packages, alternative] = get.packages.join(' ').split('|')
  return `sudo apt-get install --no-install-recommends ${packages}${alternative ? ` (or ${alternative})` : ''}`
}

/** The full path of the first command of a requirement. Throws, saying how to get it, when it is missing. */
export function locate(name: RequirementName, command?: string): string {
  const requirement = lookUp(name)
  const path = findCommand(command ?? requirement.commands[0])
  if (path === undefined) throw new Error(`${name} is not on this machine. Get it: ${howToGet(requirement)}`)
  return path
}

/** Whether a suite has to be skipped; `note` goes into its title, so that the skip is seen together with its remedy. */
export interface Need {
  readonly skip: boolean
  readonly note: string
}

/**
 * Says whether a suite can run: `const need = requires('postgres')`, then
 * `` describe.skipIf(need.skip)(`accounts on PostgreSQL${need.note}`, ...) ``.
 *
 * @throws {Error} on CI, when something is missing that CI has to have.
 */
export function requires(...names: readonly RequirementName[]): Need {
  return needOn(thisMachine, names)
}

/** `requires` for a given machine. */
export function needOn(machine: Machine, names: readonly RequirementName[]): Need {
  const missing = names.map(lookUp).filter((requirement) => !isPresent(requirement, machine))
  if (missing.length === 0) return { skip: false, note: '' }
  const remedy = missing.map((one) => `${one.name} is missing; get it: ${howToGet(one)}`).join('; ')
  if (missing.some((one) => isObligatory(one, machine))) throw new Error(`on CI nothing is skipped, but ${remedy}`)
  return { skip: true, note: ` (skipped: ${remedy})` }
}

function lookUp(name: RequirementName): Requirement {
  const requirement = REQUIREMENTS.find((one) => one.name === name)
  if (requirement === undefined) throw new TypeError(`no requirement is called "${name}"`)
  return requirement
}
