import type { PlaceOptions } from './commands/context.ts'

/** What the first lines of a start say. */
export interface BannerFacts {
  readonly url: string
  readonly listen: string
  readonly dataFolder: string
  /** As the command line gave them; the commands that are shown need the same. */
  readonly options: PlaceOptions
  readonly startedInMs: number
  /** The first administrator, when this start gave them a password. */
  readonly administrator?: { readonly name: string; readonly password?: string }
}

/** The lines that a person sees when the server is ready. */
export function banner({ url, listen, dataFolder, options, startedInMs, administrator }: BannerFacts): string {
  const lines = [`Lockkeeper is ready at ${url} (${(startedInMs / 1000).toFixed(1)} s)`, '']
  if (administrator?.password !== undefined) {
    lines.push(
      'First start: the administrator got a password. It is shown this once; only its hash is kept.',
      `  user      ${administrator.name}`,
      `  password  ${administrator.password}`,
      '',
    )
  } else if (administrator) {
    lines.push(
      `First start: the administrator ${administrator.name} has the password of LOCKKEEPER_ADMIN_PASSWORD.`,
      '',
    )
  }
  lines.push(
    `Try it    docker login ${listen} -u ${administrator?.name ?? 'admin'}`,
    `Registry  ${commandLine('keys', options)}     what a registry needs to trust this server`,
    `Data      ${dataFolder}`,
    'Stop      Ctrl-C',
    '',
  )
  return `${lines.join('\n')}\n`
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
