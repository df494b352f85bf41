import { type AccountRecord, InvalidInputError, LOCAL_MODE } from '@lockkeeper/core'
import type { Command } from 'commander'
import { choosePassword, type PasswordOptions } from '../choose-password.ts'
import { accountNamed, modeNamed } from '../names.ts'
import { withStores } from '../stores.ts'
import { table } from '../terminal.ts'
import { type CommandContext, type PlaceOptions, withJson, withPlace } from './context.ts'

interface AddOptions extends PlaceOptions, PasswordOptions {
  readonly email?: string
  readonly displayName?: string
  readonly admin?: true
}

const LINK_NOTES = `
For somebody whose login is refused as name_conflict: an account has their user name and is not linked to them.
<issuer> and <subject> are what the mode knows them by: of oidc_auth the claims iss and sub; of other modes the name of
the mode, unless their section sets an issuer, and the id that never changes, such as the entryUUID of an LDAP entry.
`

/** `user add|list|remove|passwd|disable|enable|admin|link`. */
export function addUserCommand(program: Command, { terminal }: CommandContext): void {
  const user = program.command('user').description('people: add, list, change and remove them')

  withPlace(
    user
      .command('add <name>')
      .description('add a person; without --password-stdin a password is generated and printed once'),
  )
    .option('--password-stdin', 'read the password from standard input')
    .option('--email <address>', 'an e-mail address; the person can log in with it too')
    .option('--display-name <name>', 'what people call them')
    .option('--admin', 'may do everything')
    .action((name: string, options: AddOptions) =>
      withStores(options, async ({ accounts, hasher, checkPassword }) => {
        const chosen = await choosePassword(terminal, options, (password) => checkPassword(password, name))
        const { id } = await accounts.add({
          username: name,
          ...(options.email !== undefined && { email: options.email }),
          ...(options.displayName !== undefined && { displayName: options.displayName }),
          isAdmin: options.admin === true,
          password: await hasher.hash(chosen.password),
        })
        terminal.write(`added ${name} (id ${id})\n`)
        if (chosen.isGenerated)
          terminal.write(`password: ${chosen.password}\n(shown this once; only its hash is kept)\n`)
      }),
    )

  withJson(withPlace(user.command('list').description('everybody there is'))).action(
    (options: PlaceOptions & { json?: true }) =>
      withStores(options, async ({ accounts }) => {
        const people = await everybody((after) => accounts.list({ after, limit: 500 }))
        if (options.json) return terminal.write(`${JSON.stringify(people, null, 2)}\n`)
        terminal.write(table(['ID', 'NAME', 'MODE', 'ADMIN', 'STATE', 'E-MAIL'], people.map(toRow)))
      }),
  )

  withPlace(user.command('remove <name>').description('remove a person; the name can be used again')).action(
    (name: string, options: PlaceOptions) =>
      withStores(options, async ({ accounts }) => {
        const account = await accountNamed(accounts, name)
        if (account.id === 1)
          throw new InvalidInputError(`${name} is the first administrator and stays; disable it instead`)
        await accounts.remove(account.id)
        terminal.write(`removed ${account.username}\n`)
      }),
  )

  withPlace(user.command('passwd <name>').description('set a new password; without --password-stdin one is generated'))
    .option('--password-stdin', 'read the password from standard input')
    .action((name: string, options: PlaceOptions & PasswordOptions) =>
      withStores(options, async ({ accounts, hasher, checkPassword }) => {
        const account = await accountNamed(accounts, name)
        const chosen = await choosePassword(terminal, options, (password) => checkPassword(password, account.username))
        await accounts.setPassword(account.id, await hasher.hash(chosen.password))
        terminal.write(`changed the password of ${account.username}\n`)
        if (chosen.isGenerated)
          terminal.write(`password: ${chosen.password}\n(shown this once; only its hash is kept)\n`)
      }),
    )

  for (const disabled of [true, false]) {
    const verb = disabled ? 'disable' : 'enable'
    const done = disabled ? 'disabled' : 'enabled'
    const says = disabled
      ? 'refuse every login of a person until they are enabled again'
      : 'let a disabled person log in again'
    withPlace(user.command(`${verb} <name>`).description(says)).action((name: string, options: PlaceOptions) =>
      withStores(options, async ({ accounts }) => {
        const account = await accountNamed(accounts, name)
        await accounts.setDisabled(account.id, disabled)
        terminal.write(`${done} ${account.username}\n`)
      }),
    )
  }

  withPlace(user.command('admin <name>').description('make a person an administrator, or with --revoke no longer'))
    .option('--revoke', 'take administration away')
    .action((name: string, options: PlaceOptions & { revoke?: true }) =>
      withStores(options, async ({ accounts }) => {
        const account = await accountNamed(accounts, name)
        await accounts.setAdmin(account.id, options.revoke !== true)
        terminal.write(`${account.username} is ${options.revoke ? 'no longer' : 'now'} an administrator\n`)
      }),
    )

  withPlace(
    user.command('link <name> <mode> <issuer> <subject>').description('say who an account is in another auth mode'),
  )
    .addHelpText('after', LINK_NOTES)
    .action((name: string, mode: string, issuer: string, subject: string, options: PlaceOptions) =>
      withStores(options, async ({ accounts }, { settings }) => {
        const others = settings.auth.modes.filter((one) => one !== LOCAL_MODE).map((one) => ({ mode: one }))
        modeNamed(mode, 'can be linked to', others)
        const account = await accountNamed(accounts, name)
        await accounts.link(account.id, { mode, issuer, subject })
        terminal.write(`linked ${account.username} to ${subject} of ${issuer} (${mode})\n`)
      }),
    )
}

const toRow = (account: AccountRecord): string[] => [
  String(account.id),
  account.username,
  account.mode,
  account.isAdmin ? 'yes' : '',
  account.disabled ? 'disabled' : '',
  account.email ?? '',
]

/** Every page of a listing that is read by ascending id. */
async function everybody(
  page: (after: number) => Promise<readonly AccountRecord[]>,
): Promise<readonly AccountRecord[]> {
  const all: AccountRecord[] = []
  for (let next = await page(0); next.length > 0; next = await page(all.at(-1)?.id ?? 0)) all.push(...next)
  return all
}
