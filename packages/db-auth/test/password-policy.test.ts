import { describe, expect, it } from 'vitest'
import { checkNewPassword } from '../src/index.ts'

const refused = { code: 'ERR_INVALID_INPUT', message: expect.stringMatching(/^choose another password: /) }

describe('PWD-07: a new password', () => {
  it('has 8 characters or more, and may have very many, of any kind', () => {
    for (const password of ['7chars!', 'ééééééé', ''])
      expect(() => checkNewPassword(password)).toThrow(expect.objectContaining(refused))
    for (const password of [
      'eightchr',
      'correct horse battery staple',
      '💥🔑💥🔑💥🔑💥🔑',
      'x y '.repeat(16),
      'ab'.repeat(512),
    ]) {
      expect(() => checkNewPassword(password)).not.toThrow()
    }
    expect(() => checkNewPassword('ab'.repeat(513))).toThrow('longer than 1024 bytes')
    expect(() => checkNewPassword('eight\0chars')).toThrow('cannot be sent')
  })

  it('has no composition rules, except for a Harbor that has them', () => {
    expect(() => checkNewPassword('onlylowercase')).not.toThrow()
    expect(() => checkNewPassword('onlylowercase', { forHarbor: true })).toThrow('Harbor accepts')
    expect(() => checkNewPassword('Onlylowercase1', { forHarbor: true })).not.toThrow()
    expect(() => checkNewPassword(`Aa1${'x'.repeat(126)}`, { forHarbor: true })).toThrow('Harbor accepts')
  })

  it('is none that ships with software or is guessed first, in whatever case', () => {
    for (const password of [
      'Harbor12345',
      'harbor12345',
      'password',
      'PASSWORD',
      'changeme',
      'ChangeIt',
      '12345678',
      '12345678AbC',
      '1234567ab',
      'aaaaaaaa',
    ]) {
      expect(() => checkNewPassword(password), password).toThrow(expect.objectContaining(refused))
    }
  })

  it('is not the user name, and not on a list of one’s own', () => {
    expect(() => checkNewPassword('Jane.Doe@Example', { username: 'jane.doe@example' })).toThrow('it is the user name')
    const blocklist = (password: string) => password.includes('acme')
    expect(() => checkNewPassword('acme forever', { blocklist })).toThrow('on the list of refused passwords')
    expect(() => checkNewPassword('other forever', { blocklist })).not.toThrow()
  })

  it('never appears in the error', () => {
    expect(() => checkNewPassword('s3cr3t!')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('s3cr3t') }),
    )
  })
})
