import type { Authenticator } from '@lockkeeper/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectNotToldApart } from '../../../test/measure/told-apart.ts'
import { createPasswordHasher, dbAuth } from '../src/index.ts'
import { call, HARBOR_ROWS, named, peopleWith } from './people.ts'

describe('LOG-02: the time of a refusal', () => {
  const login =
    (auth: Authenticator, typed: string, password = 'wrong-password') =>
    async () =>
      (await auth.lookUp(named(typed), call)).verify(password, call)

  let plain: Authenticator
  let mixed: Authenticator
  beforeAll(async () => {
    const hasher = createPasswordHasher()
    const content = await hasher.hash('content')
    const people = await peopleWith({ jane: content, disabled: content }, ['lena'])
    await people.setDisabled(2, true)
    plain = dbAuth({ passwords: people, hasher })
    mixed = dbAuth({
      passwords: await peopleWith({ old: HARBOR_ROWS.sha256, new: content }),
      hasher,
      upgradeOnLogin: false,
    })
    for (const auth of [plain, mixed]) for (let i = 0; i < 10; i++) await login(auth, 'nobody')()
  })

  it('does not tell an unknown name from a wrong password', async () => {
    await expectNotToldApart(login(plain, 'nobody'), login(plain, 'jane'))
  }, 600_000)

  it('does not tell a disabled account with the right password, or an external one, from an unknown name', async () => {
    await expectNotToldApart(login(plain, 'disabled', 'content'), login(plain, 'nobody'))
    await expectNotToldApart(login(plain, 'lena'), login(plain, 'nobody'))
  }, 600_000)

  it('does not tell a legacy row from a new one, or either from an unknown name', async () => {
    await expectNotToldApart(login(mixed, 'old'), login(mixed, 'new'))
    await expectNotToldApart(login(mixed, 'old'), login(mixed, 'nobody'))
  }, 600_000)

  it('does not depend on the length of the password', async () => {
    await expectNotToldApart(login(plain, 'jane', 'x'.repeat(8)), login(plain, 'jane', 'x'.repeat(512)))
  }, 600_000)

  it('is measured well enough: one hashing more is seen', async () => {
    const hasher = createPasswordHasher()
    const content = await hasher.hash('content')
    const twice = async () => {
      await login(plain, 'nobody')()
      await hasher.verify('wrong-password', content)
    }
    await expect(expectNotToldApart(twice, login(plain, 'jane'), { mostPairs: 100 })).rejects.toThrow(
      'told apart by time',
    )
  }, 600_000)
})
