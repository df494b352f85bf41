import type { PlaceOptions } from './commands/context.ts'
import type { FirstAdministrator } from './first-administrator.ts'

/** What the first lines of a start say. */
export interface BannerFacts {
  readonly url: string
  readonly listen: string
  readonly dataFolder: string
  /** As the command line gave them; the commands that are shown need the same. */
  readonly options: PlaceOptions
  readonly startedInMs: number
  readonly administrator?: Pick<FirstAdministrator, 'name'>
}

/** What a first start says, as soon as the password is set: whatever fails afterwards, it is shown this once. */
export function firstStart({ name, password }: FirstAdministrator): string {
  if (password === undefined) {
    return `First start: the administrator ${name} has the password of LOCKKEEPER_ADMIN_PASSWORD.\n\n`
  }
  return [
    'First start: the administrator got a password. It is shown this once; only its hash is kept.',
    `  user      ${name}`,
    `  password  ${password}`,
    '\n',
  ].join('\n')
}

/** The lines that a person sees when the server is ready. */
export function banner({ url, listen, dataFolder, options, startedInMs, administrator }: BannerFacts): string {
  return [
    `Lockkeeper is ready at ${url} (${(startedInMs / 1000).toFixed(1)} s)`,
    '',
    `Try it    docker login ${listen} -u ${administrator?.name ?? 'admin'}`,
    `Registry  ${commandLine('keys', options)}     what a registry needs to trust this server`,
    `Data      ${dataFolder}`,
    'Stop      Ctrl-C',
    '\n',
  ].join('\n')
}

/** From a clone there is no `lockkeeper` on the path; the sources are TypeScript only there. */
const PROGRAM = import.meta.url.endsWith('.ts') ? 'npm run -s lockkeeper --' : 'lockkeeper'

function commandLine(command: string, { config, data }: PlaceOptions): string {
  const flags = Object.entries({ '--config': config, '--data': data })
  return [
    PROGRAM,
    command,
    ...flags.flatMap(([flag, value]) => (value === undefined ? [] : [flag, quoted(value)])),
  ].join(' ')
}

const quoted = (word: string): string => (/^[\w./:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)
