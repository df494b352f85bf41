import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LdapAuthenticator } from '../src/index.ts'
import { judgeBind } from '../src/result-codes.ts'
import { OPERATION } from '../src/wire/answer.ts'
import { TAG, writeElement } from '../src/wire/ber.ts'
import { login, outcomeOf, stubAuth } from './logins.ts'
import { JANE, message, oneJane, READER, result, type StubDirectory, startStub } from './stub-directory.ts'

const DOWN = 'ERR_BACKEND_UNAVAILABLE'
const AD = (subCode: string) =>
  `80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data ${subCode}, v4563`

// biome-ignore format: a table is read by column
const OF_A_PERSON: readonly (readonly [code: number, text: string, outcome: string])[] = [
  [49, '',        'rejected: bad_credentials'],
  [49, AD('52e'), 'rejected: bad_credentials'],
  [49, AD('525'), 'rejected: bad_credentials'],
  [49, AD('530'), 'rejected: not_allowed'],
  [49, AD('531'), 'rejected: not_allowed'],
  [49, AD('532'), 'rejected: expired'],
  [49, AD('533'), 'rejected: disabled'],
  [49, AD('701'), 'rejected: expired'],
  [49, AD('773'), 'rejected: must_change'],
  [49, AD('775'), 'rejected: locked'],
  [49, AD('999'), 'rejected: bad_credentials'],
  [19, '', 'rejected: not_allowed'],
  [48, '', 'rejected: not_allowed'],
  [50, '', 'rejected: not_allowed'],
  [53, '', 'rejected: not_allowed'],
  [32, '', 'rejected: bad_credentials'],
  [34, '', 'rejected: bad_credentials'],
  [1, '', DOWN], [2, '', DOWN], [3, '', DOWN], [7, '', DOWN], [8, '', DOWN], [10, '', DOWN], [11, '', DOWN],
  [13, '', DOWN], [14, '', DOWN], [51, '', DOWN], [52, '', DOWN], [80, '', DOWN], [80, AD('533'), DOWN], [99, '', DOWN],
]

describe('what a directory answers to a bind', () => {
  let stub: StubDirectory
  let auth: LdapAuthenticator
  let answer: (id: number, name: string) => Buffer | undefined
  beforeEach(async () => {
    stub = await startStub((request, socket) => {
      const special = request.operation === OPERATION.bindRequest ? answer(request.id, request.name) : undefined
      if (special === undefined) oneJane(request, socket)
      else socket.write(special)
    })
    auth = stubAuth(stub.url)
  })
  afterEach(async () => {
    await auth[Symbol.asyncDispose]()
    await stub.close()
  })
  const jane = () => outcomeOf(login(auth, 'jane', 'jane-secret'))

  it.each(OF_A_PERSON)('LDP-08: with code %i %s is %s for a person', async (code, text, outcome) => {
    answer = (id, name) => (name === JANE ? result(id, OPERATION.bindResponse, code, text) : undefined)
    expect(await jane()).toBe(outcome)
  })

  it.each([1, 7, 8, 13, 19, 32, 34, 48, 49, 50, 51, 52, 53, 80, 99])(
    'LDP-08: with code %i for the search account says nothing about a person',
    async (code) => {
      answer = (id, name) => (name === READER.bindDn ? result(id, OPERATION.bindResponse, code, AD('52e')) : undefined)
      expect(await jane()).toBe(DOWN)
    },
  )

  it.each([1, 3, 4, 10, 11, 32, 49, 50, 51, 52, 53, 80, 99])(
    'LDP-08: with code %i for the search says nothing about a person',
    async (code) => {
      await stub.close()
      stub = await startStub((request, socket) => {
        if (request.operation !== OPERATION.searchRequest) oneJane(request, socket)
        else socket.write(result(request.id, OPERATION.searchDone, code))
      })
      auth = stubAuth(stub.url)
      // Code 4 is "there are more than you asked for", here without any: an honest directory would have sent two.
      expect(await jane()).toBe(code === 4 ? 'abstained' : DOWN)
    },
  )

  it.each([
    ['an answer of another type', (id: number) => result(id, OPERATION.searchDone, 0)],
    ['an answer to an extended request', (id: number) => result(id, OPERATION.extendedResponse, 0)],
    ['an answer with another number', (id: number) => result(id + 1, OPERATION.bindResponse, 0)],
    ['an answer without a code', (id: number) => message(id, writeElement(OPERATION.bindResponse))],
    [
      'a code of no bytes',
      (id: number) =>
        message(
          id,
          writeElement(
            OPERATION.bindResponse,
            writeElement(TAG.enumerated),
            writeElement(TAG.octets),
            writeElement(TAG.octets),
          ),
        ),
    ],
    [
      'two answers',
      (id: number) => Buffer.concat([result(id, OPERATION.searchDone, 0), result(id, OPERATION.bindResponse, 0)]),
    ],
    ['no LDAP', () => Buffer.from('HTTP/1.1 200 OK\r\n\r\n')],
    ['a goodbye', () => result(0, OPERATION.extendedResponse, 52)],
  ])('LDP-08: that is %s is no success, and no refusal', async (_, forged) => {
    answer = (id, name) => (name === JANE ? forged(id) : undefined)
    expect(await jane()).toBe(DOWN)
  })

  it('LDP-08: shows a client none of this', async () => {
    const seen = new Set<string>()
    for (const [code, text] of OF_A_PERSON) {
      answer = (id, name) => (name === JANE ? result(id, OPERATION.bindResponse, code, text) : undefined)
      const verdict = await login(auth, 'jane', 'jane-secret').catch((error) => error)
      seen.add('outcome' in verdict ? verdict.outcome : verdict.code)
    }
    expect([...seen].toSorted()).toEqual([DOWN, 'rejected'])
  })
})

describe('a password policy', () => {
  it('says more than the code', () => {
    const judge = (resultCode: number, policyError: number) => judgeBind({ resultCode, diagnostic: '', policyError })
    expect(judge(49, 1)).toEqual({ outcome: 'refused', reason: 'locked' })
    expect(judge(49, 0)).toEqual({ outcome: 'refused', reason: 'expired' })
    expect(judge(49, 8)).toEqual({ outcome: 'refused', reason: 'bad_credentials' })
    expect(judge(52, 1)).toEqual({ outcome: 'cannot_tell' })
  })

  it('lets nobody in who has to change the password first', () => {
    expect(judgeBind({ resultCode: 0, diagnostic: '', policyError: 2 })).toEqual({
      outcome: 'refused',
      reason: 'must_change',
    })
  })
})
