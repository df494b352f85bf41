/** What the first lines of a start say. */
export interface BannerFacts {
  readonly url: string
  readonly listen: string
  readonly dataFolder: string
  readonly startedInMs: number
  /** The first administrator, when this start gave them a password. */
  readonly administrator?: { readonly name: string; readonly password?: string }
}

/** The lines that a person sees when the server is ready. */
export function banner({ url, listen, dataFolder, startedInMs, administrator }: BannerFacts): string {
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
    'Registry  lockkeeper keys     what a registry needs to trust this server',
    `Data      ${dataFolder}`,
    'Stop      Ctrl-C',
    '',
  )
  return `${lines.join('\n')}\n`
}
