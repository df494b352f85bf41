import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { OPERATION } from '../src/wire/answer.ts'
import { TAG, writeElement } from '../src/wire/ber.ts'
import { encodeBind, readBindAnswer } from '../src/wire/bind.ts'
import { WireError } from '../src/wire/wire-error.ts'
import { oneJane, result, startStub } from './stub-directory.ts'

const octets = (text: string | Buffer) => writeElement(TAG.octets, Buffer.from(text))
const POLICY = '1.3.6.1.4.1.42.2.27.8.5.1'

/** An answer of code 49 with a control. */
function withControl(type: string, value: Buffer): Buffer {
  const control = writeElement(0xa0, writeElement(TAG.sequence, octets(type), octets(value)))
  const code = writeElement(TAG.enumerated, Buffer.from([49]))
  const operation = writeElement(OPERATION.bindResponse, code, octets(''), octets(''))
  return writeElement(TAG.sequence, writeElement(TAG.integer, Buffer.from([1])), operation, control)
}

describe('a bind', () => {
  it('LDP-03: is encoded as a simple bind of version 3, with the question for the password policy', () => {
    const policy = Buffer.from(POLICY).toString('hex')
    const parts = ['3031', '020101', '600d', '020103', '0404636e3d78', '8002c3bc', 'a01d301b0419', policy]
    expect(encodeBind('cn=x', 'ü').toString('hex')).toBe(parts.join(''))
  })

  it.each([
    ['locked', '3003810101', 1],
    ['expired, after a warning', '3008a003800105810100', 0],
    ['a warning alone', '3005a003800105', undefined],
    ['nothing to say', '3000', undefined],
    ['an empty value', '', undefined],
  ])('reads what the policy says: %s', (_, value, policyError) => {
    const answer = readBindAnswer(withControl(POLICY, Buffer.from(value, 'hex')))
    expect(answer).toEqual({ resultCode: 49, diagnostic: '', policyError })
  })

  it('reads nothing from another control', () => {
    expect(readBindAnswer(withControl('1.2.3', Buffer.from('3003810101', 'hex')))).not.toHaveProperty('policyError')
  })

  it.each(['30', '3005810101', '300381050101', '30028100'])('LDP-08: takes no policy of %s for one', (value) => {
    expect(() => readBindAnswer(withControl(POLICY, Buffer.from(value, 'hex')))).toThrow(WireError)
  })

  it('reads an answer without controls', () => {
    expect(readBindAnswer(result(1, OPERATION.bindResponse, 0))).toEqual({ resultCode: 0, diagnostic: '' })
  })

  it('OBS-01: shows no password of a person to whoever debugs the process', { timeout: 30_000 }, async () => {
    const stub = await startStub(oneJane)
    const program = `
      const { ldapAuth } = await import('${new URL('../src/index.ts', import.meta.url)}')
      const options = { url: '${stub.url}', insecureAllowPlaintext: true, baseDn: 'dc=example,dc=test' }
      const auth = ldapAuth({ ...options, bindDn: 'cn=reader,dc=example,dc=test', bindPassword: 'reader-secret' })
      const call = { signal: new AbortController().signal }
      const candidate = await auth.lookUp({ typed: 'jane', canonical: 'jane' }, call)
      console.log((await candidate.verify('jane-secret', call)).outcome)
      await auth[Symbol.asyncDispose]()`
    const env = { ...process.env, NODE_DEBUG: 'ldapts,tls,net,stream' }
    const args = ['--input-type=module', '--eval', program]
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env })
    expect(stdout).toContain('authenticated')
    expect(stderr).toContain('LDAPTS')
    for (const secret of ['jane-secret', 'reader-secret']) {
      const bytes = Buffer.from(secret)
      for (const form of [secret, bytes.toString('hex'), bytes.toString('base64')]) expect(stderr).not.toContain(form)
    }
    await stub.close()
  })
})
