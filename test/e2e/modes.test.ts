import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requires } from '../servers/requirements.ts'
import { type SlapdServer, startSlapd } from '../servers/slapd.ts'
import { startUaaStandIn, type UaaStandIn } from '../servers/uaa-stand-in.ts'
import { ADMIN, type LockkeeperServer, startLockkeeper } from './lockkeeper.ts'

const need = requires('slapd')
const BASE = 'dc=example,dc=test'
const DEVELOPERS = `cn=developers,ou=groups,${BASE}`

/** A directory with one person of its own in its developers, and somebody whose name the other directory has as well. */
const peopleOf = (own: string): string => `
${person(own, own)}
${person('shared', own)}
dn: ${DEVELOPERS}
objectClass: groupOfNames
cn: developers
member: uid=${own},ou=people,${BASE}
`
const person = (uid: string, where: string): string => `
dn: uid=${uid},ou=people,${BASE}
objectClass: inetOrgPerson
uid: ${uid}
cn: ${uid}
sn: ${uid}
userPassword: ${uid} of ${where}
`

describe.skipIf(need.skip)(`people of many modes at one server${need.note}`, () => {
  let first: SlapdServer
  let second: SlapdServer
  let uaa: UaaStandIn
  let lockkeeper: LockkeeperServer

  beforeAll(async () => {
    first = await startSlapd({ ldif: peopleOf('jane') })
    second = await startSlapd({ ldif: peopleOf('emil') })
    uaa = await startUaaStandIn({
      people: [{ username: 'ursula', password: 'of uaa', scopes: ['openid', 'team.dev'] }],
    })
    const directory = ({ ldapsUrl: url, ca, reader }: SlapdServer) => ({
      url,
      tls: { ca: { file: ca } },
      baseDn: `ou=people,${BASE}`,
      bindDn: reader.dn,
      bindPassword: reader.password,
    })
    const { url, client } = uaa
    const auth = {
      modes: ['db_auth', 'ldap_auth', 'ldap_auth/emea', 'uaa_auth'],
      ldap_auth: directory(first),
      'ldap_auth/emea': directory(second),
      uaa_auth: { url, clientId: client.id, clientSecret: client.secret, insecureAllowPlaintext: true },
    }
    lockkeeper = await startLockkeeper(`lockout: { keepVerifiedSeconds: 0 }\nauth: ${JSON.stringify(auth)}\n`)
    const commands = [
      ['project', 'add', 'team'],
      ['member', 'add', 'team', DEVELOPERS, 'developer', '--group', 'ldap_auth'],
      ['member', 'add', 'team', DEVELOPERS, 'guest', '--group', 'ldap_auth/emea'],
      ['member', 'add', 'team', 'team.dev', 'developer', '--group', 'uaa_auth'],
    ]
    for (const words of commands) expect(await lockkeeper.run(words)).toMatchObject({ code: 0 })
  }, 60_000)
  afterAll(async () => {
    await lockkeeper?.stop()
    await uaa?.close()
    await second?.stop()
    await first?.stop()
  })

  /** What a login may do in the project, or the status of its answer. */
  async function rightsOf(username: string, password: string): Promise<string> {
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
    const scope = encodeURIComponent('repository:team/app:pull,push')
    const address = `http://${lockkeeper.host}/service/token?service=registry&scope=${scope}`
    const answer = await fetch(address, { headers: { authorization } })
    const { token }: { token?: string } = await answer.json()
    if (token === undefined) return String(answer.status)
    const { access } = decodeJwt<{ access: { actions: string[] }[] }>(token)
    return access.flatMap(({ actions }) => actions.toSorted()).join()
  }

  it('come in by the first mode that knows them, with the roles of its groups', async () => {
    expect(await rightsOf('jane', 'jane of jane')).toBe('pull,push')
    expect(await rightsOf('emil', 'emil of emil')).toBe('pull')
    expect(await rightsOf('ursula', 'of uaa')).toBe('pull,push')
    expect(await rightsOf('shared', 'shared of jane')).toBe('')
    expect(await rightsOf('shared', 'shared of emil')).toBe('401')
    const { stdout } = await lockkeeper.run(['user', 'list', '--json'])
    const people: readonly { username: string; mode: string }[] = JSON.parse(stdout)
    expect(people.map(({ username, mode }) => `${username} ${mode}`)).toEqual([
      'admin db_auth',
      'jane ldap_auth',
      'emil ldap_auth/emea',
      'ursula uaa_auth',
      'shared ldap_auth',
    ])
  })

  it('of earlier modes come in while one is down; whoever it would have to be asked about gets 503', {
    timeout: 30_000,
  }, async () => {
    await second.kill()
    expect(await rightsOf('jane', 'jane of jane')).toBe('pull,push')
    expect(await rightsOf(ADMIN.username, ADMIN.password)).toBe('pull,push')
    expect(await rightsOf('emil', 'emil of emil')).toBe('503')
    expect(await rightsOf('ursula', 'of uaa')).toBe('503')
    expect(lockkeeper.log()).toContain('"msg":"ldap_auth/emea: ')
    const check = await lockkeeper.run(['check-config'])
    expect(check.stdout).toMatch(/^ok {4}ldap_auth\nFAIL {2}ldap_auth\/emea: /m)
    await second.restart()
    await expect.poll(() => rightsOf('emil', 'emil of emil'), { timeout: 10_000 }).toBe('pull')
    expect(await rightsOf('ursula', 'of uaa')).toBe('pull,push')
  })
})
