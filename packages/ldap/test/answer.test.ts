import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OPERATION, readAnswer, readEnvelope } from '../src/wire/answer.ts'
import { readElements, readInteger, sizeOfFirst, TAG, writeElement } from '../src/wire/ber.ts'
import { WireError } from '../src/wire/wire-error.ts'
import { entry, message, reference, result } from './stub-directory.ts'

const octets = (text: string) => writeElement(TAG.octets, Buffer.from(text))
const code = (value: number) => writeElement(TAG.enumerated, Buffer.from([value]))
const bindResponse = (...parts: readonly Buffer[]) => writeElement(OPERATION.bindResponse, ...parts)
const control = (...parts: readonly Buffer[]) => writeElement(0xa0, writeElement(TAG.sequence, ...parts))
const policy = octets('1.3.6.1.4.1.42.2.27.8.5.1')

const HONEST: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['a bind response', result(2, OPERATION.bindResponse, 0)],
  ['a refusal with a text', result(2, OPERATION.bindResponse, 49, 'data 52e')],
  ['a bind response with credentials', message(2, bindResponse(code(0), octets(''), octets(''), writeElement(0x87)))],
  ['a referral', message(2, bindResponse(code(10), octets(''), octets(''), writeElement(0xa3, octets('ldap://x'))))],
  ['a control', message(2, bindResponse(code(0), octets(''), octets('')), control(policy, octets('x')))],
  [
    'a control with everything',
    message(
      2,
      bindResponse(code(0), octets(''), octets('')),
      control(policy, writeElement(TAG.boolean, Buffer.from([0])), octets('x')),
    ),
  ],
  ['an entry', entry(2, 'uid=jane,dc=x', { uid: ['jane'], memberOf: ['cn=a', 'cn=b'], empty: [] })],
  ['an entry without attributes', entry(2, 'uid=jane,dc=x', {})],
  ['a reference', reference(2, 'ldap://elsewhere')],
  ['the end of a search', result(2, OPERATION.searchDone, 0)],
  ['an extended response', result(1, OPERATION.extendedResponse, 0)],
  [
    'lengths of four bytes, as Active Directory writes them',
    Buffer.from('3084000000100201026184000000070a010004000400', 'hex'),
  ],
]

const MALFORMED: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['nothing', Buffer.alloc(0)],
  ['no sequence', octets('x')],
  ['two messages at once', Buffer.concat([result(1, OPERATION.bindResponse, 0), result(2, OPERATION.bindResponse, 0)])],
  ['no operation', writeElement(TAG.sequence, writeElement(TAG.integer, Buffer.from([1])))],
  ['a number below zero', message(0xff, bindResponse(code(0), octets(''), octets('')))],
  [
    'a number of no bytes',
    writeElement(TAG.sequence, writeElement(TAG.integer), bindResponse(code(0), octets(''), octets(''))),
  ],
  ['a bind response without anything, which some readers take for success', message(2, bindResponse())],
  [
    'a code of no bytes, which some readers take for success',
    message(2, bindResponse(writeElement(TAG.enumerated), octets(''), octets(''))),
  ],
  [
    'a code that is no enumeration',
    message(2, bindResponse(writeElement(TAG.integer, Buffer.from([0])), octets(''), octets(''))),
  ],
  ['a result without text', message(2, bindResponse(code(0), octets('')))],
  ['a result with unknown parts', message(2, bindResponse(code(0), octets(''), octets(''), writeElement(0x99)))],
  [
    'a result with a part twice',
    message(2, bindResponse(code(0), octets(''), octets(''), writeElement(0x87), writeElement(0x87))),
  ],
  ['a request', message(2, writeElement(OPERATION.bindRequest, octets('')))],
  ['an answer to an addition', result(2, 0x69, 0)],
  ['an entry without a name', message(2, writeElement(OPERATION.searchEntry, writeElement(TAG.sequence)))],
  [
    'an entry with a number among its values',
    message(
      2,
      writeElement(
        OPERATION.searchEntry,
        octets('a'),
        writeElement(TAG.sequence, writeElement(TAG.sequence, octets('uid'), writeElement(TAG.set, code(1)))),
      ),
    ),
  ],
  [
    'an attribute without values',
    message(
      2,
      writeElement(
        OPERATION.searchEntry,
        octets('a'),
        writeElement(TAG.sequence, writeElement(TAG.sequence, octets('uid'))),
      ),
    ),
  ],
  ['a reference to nowhere', message(2, writeElement(OPERATION.searchReference))],
  [
    'something after the controls',
    message(2, bindResponse(code(0), octets(''), octets('')), control(policy), octets('')),
  ],
  ['a control without a name', message(2, bindResponse(code(0), octets(''), octets('')), control())],
  ['an element that reaches beyond its parent', Buffer.from('300c02010161070a0100040004ff', 'hex')],
  [
    'a set that reaches beyond its entry',
    Buffer.from('301302010264 0e040161 3009 3007 040375696431 7f'.replaceAll(' ', ''), 'hex'),
  ],
  ['an indefinite length', Buffer.from('3080020102610700000000', 'hex')],
  ['a length of five bytes', Buffer.from('30850000000001020102', 'hex')],
  ['a tag of several bytes', Buffer.from('1f81010000', 'hex')],
]

describe('answers of a directory', () => {
  it.each(HONEST)('LDP-08: are read when they are %s', (_, bytes) => {
    expect(sizeOfFirst(bytes)).toBe(bytes.length)
    expect(readAnswer(bytes).id).toBe(readEnvelope(bytes).id)
  })

  it('LDP-08: say their number, operation, code and text', () => {
    const { bindResponse: operation } = OPERATION
    expect(readAnswer(result(7, operation, 49, 'data 52e'))).toEqual({
      id: 7,
      operation,
      resultCode: 49,
      diagnostic: 'data 52e',
      controls: new Map(),
    })
  })

  it.each(MALFORMED)('LDP-08: are refused when they are %s', (_, bytes) => {
    expect(() => readAnswer(bytes)).toThrow(WireError)
  })

  it('LDP-08: are refused or read, whatever bytes they are made of', () => {
    const honest = fc.constantFrom(...HONEST.map(([, bytes]) => bytes))
    const broken = fc.tuple(honest, fc.nat(), fc.nat(255), fc.nat(8)).map(([bytes, position, value, cut]) => {
      const copy = Buffer.from(bytes)
      copy[position % copy.length] = value
      return copy.subarray(0, copy.length - cut)
    })
    const bytes = fc.oneof(
      broken,
      fc.uint8Array({ maxLength: 64 }).map((array) => Buffer.from(array)),
    )
    fc.assert(
      fc.property(bytes, (answer) => {
        try {
          const { id, operation } = readAnswer(answer)
          expect(id).toBeGreaterThanOrEqual(0)
          expect(Object.values(OPERATION)).toContain(operation)
        } catch (error) {
          expect(error).toBeInstanceOf(WireError)
        }
      }),
      { numRuns: 5_000 },
    )
  })

  it('LDP-08: fill themselves exactly: what is read is what was written, byte for byte', () => {
    const write = (bytes: Buffer): Buffer =>
      Buffer.concat(
        readElements(bytes).map(({ tag, content }) => writeElement(tag, (tag & 0x20) > 0 ? write(content) : content)),
      )
    for (const [what, bytes] of HONEST.slice(0, -1)) expect(write(bytes), what).toEqual(bytes)
  })
})

describe('elements', () => {
  it('are of any length that one to four bytes can say', () => {
    for (const length of [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff]) {
      const element = writeElement(TAG.octets, Buffer.alloc(length))
      expect(sizeOfFirst(element)).toBe(element.length)
      expect(readElements(element)[0]?.content.length).toBe(length)
    }
  })

  it('have no known size until their header is complete', () => {
    const element = writeElement(TAG.octets, Buffer.alloc(0x100))
    expect([0, 1, 2, 3].map((bytes) => sizeOfFirst(element.subarray(0, bytes)))).toEqual(Array(4).fill(undefined))
    expect(sizeOfFirst(element.subarray(0, 4))).toBe(element.length)
  })

  it('hold numbers of one to four bytes', () => {
    expect(readInteger(Buffer.from([0x7f, 0xff, 0xff, 0xff]))).toBe(2 ** 31 - 1)
    expect(() => readInteger(Buffer.alloc(5))).toThrow(WireError)
  })
})
