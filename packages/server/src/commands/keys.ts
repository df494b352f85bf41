import { InvalidInputError } from '@lockkeeper/core'
import {
  createKeyFolder,
  type KeyFolder,
  registryConfiguration,
  type SigningAlgorithm,
} from '@lockkeeper/registry-token/keys'
import { type Command, Option } from 'commander'
import { externalUrlAt } from '../control/url-route.ts'
import { keyFolderOf, openSigningKeys } from '../signing-keys.ts'
import { findPlace, type Place } from '../stores.ts'
import { table } from '../terminal.ts'
import { type CommandContext, type PlaceOptions, withJson, withPlace } from './context.ts'

interface NewOptions extends PlaceOptions {
  readonly algorithm: SigningAlgorithm
  readonly rsaBits?: '2048' | '3072' | '4096'
}

/** `keys`, `keys new|list`. */
export function addKeysCommand(program: Command, { terminal }: CommandContext): void {
  const keys = withPlace(program.command('keys').description('signing keys, and what a registry needs to trust them'))
  keys.action(async (options: PlaceOptions) => {
    const place = await findPlace(options)
    const folder = await openSigningKeys(place)
    terminal.write(`${keyTable(folder)}\n${registrySections(place, await externalUrlAt(place))}`)
  })

  withPlace(
    keys.command('new').description('make a signing key, and the authority that vouches for it where there is none'),
  )
    .addOption(new Option('--algorithm <name>', 'what it signs with').choices(['ES256', 'RS256']).default('ES256'))
    .addOption(new Option('--rsa-bits <bits>', 'size of an RSA key').choices(['2048', '3072', '4096']))
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<NewOptions>()
      const folder = keyFolderOf(await findPlace(options))
      if (options.rsaBits !== undefined && options.algorithm !== 'RS256') {
        throw new InvalidInputError('--rsa-bits is for --algorithm RS256: add that, or leave it out')
      }
      const rsaBits = options.rsaBits === undefined ? {} : { rsaBits: Number(options.rsaBits) as 2048 | 3072 | 4096 }
      const { files, keyId } = await createKeyFolder(folder, { algorithm: options.algorithm, ...rsaBits })
      terminal.write(`made ${files.join(', ')} in ${folder}\nkey id ${keyId}\n`)
    })

  withJson(withPlace(keys.command('list').description('the keys that tokens are signed with'))).action(
    async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<PlaceOptions & { json?: true }>()
      const folder = await openSigningKeys(await findPlace(options))
      terminal.write(options.json ? `${JSON.stringify(describe(folder), null, 2)}\n` : keyTable(folder))
    },
  )
}

const describe = (folder: KeyFolder) =>
  folder.published().map(({ algorithm, libtrustKeyId, thumbprint }) => ({ algorithm, libtrustKeyId, thumbprint }))

const keyTable = (folder: KeyFolder): string =>
  table(
    ['ALGORITHM', 'LIBTRUST KEY ID', 'THUMBPRINT'],
    describe(folder).map((key) => Object.values(key)),
  )

const JWKS_NOTE = '# (it can read jwks instead: give the service the headerStyle kid-thumbprint)\n'

/** What goes into the configuration file of a registry, for each service and generation that can verify its tokens. */
function registrySections({ settings }: Place, url: string): string {
  const { issuer, services } = settings.tokens
  const realm = `${url}/service/token`
  const sections = Object.entries(services).flatMap(([service, { headerStyle }]) =>
    (['2.8', '3.x'] as const).map((registry) => {
      const canVerify = registry === '3.x' || headerStyle === 'x5c' || headerStyle === 'kid-libtrust'
      if (!canVerify)
        return `# registry ${registry} cannot verify tokens of ${service}, whose headerStyle is ${headerStyle}\n`
      const note = registry === '3.x' && headerStyle === 'x5c' ? JWKS_NOTE : ''
      return `# registry ${registry}, service ${service}\n${note}${registryConfiguration({ registry, realm, service, issuer, headerStyle })}`
    }),
  )
  const text = sections.join('\n')
  const commands = PUBLISHED.filter(([file]) => text.includes(`"${file}"`)).map(
    ([file, path]) => `#   curl -fo ${file} ${url}${path}\n`,
  )
  return `${text}\n# ${commands.length === 1 ? 'the file' : 'the files'} named above, from the running server:\n${commands.join('')}`
}

const PUBLISHED = [
  ['/etc/distribution/lockkeeper.pem', '/service/keys.pem'],
  ['/etc/distribution/lockkeeper.jwks.json', '/.well-known/jwks.json'],
] as const
