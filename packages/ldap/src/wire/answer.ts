import { type Element, malformed, readElements, readInteger, sizeOfFirst, TAG } from './ber.ts'

/** Operations of LDAP messages, by the tag that they are sent with. */
export const OPERATION = {
  bindRequest: 0x60,
  bindResponse: 0x61,
  unbindRequest: 0x42,
  searchRequest: 0x63,
  searchEntry: 0x64,
  searchDone: 0x65,
  searchReference: 0x73,
  extendedRequest: 0x77,
  extendedResponse: 0x78,
} as const

/** A message whose every part has the shape that its operation asks for. */
export interface Answer {
  readonly id: number
  readonly operation: number
  /** Absent for entries and references, which have none. */
  readonly resultCode?: number
  /** What the directory says about the result, for an operator. */
  readonly diagnostic?: string
  /** The name in an extended response. */
  readonly responseName?: string
  /** Values of the controls that came with it, by name. */
  readonly controls: ReadonlyMap<string, Buffer>
}

/** A message's number and operation, whatever it holds. */
export interface Envelope {
  readonly id: number
  readonly operation: number
}

const CONTROLS = 0xa0
const REFERRAL = 0xa3
const SASL_CREDENTIALS = 0x87
const RESPONSE_NAME = 0x8a
const RESPONSE_VALUE = 0x8b
const LARGEST_ID = 2 ** 31 - 1
const NO_CONTROLS: ReadonlyMap<string, Buffer> = new Map()

/**
 * How many bytes the message takes that begins here, or `undefined` while its header is incomplete.
 *
 * @throws {WireError} as soon as it cannot be a message.
 */
export function sizeOfMessage(bytes: Buffer): number | undefined {
  if (bytes.length > 0 && bytes[0] !== TAG.sequence) throw malformed('a message that is no sequence')
  return sizeOfFirst(bytes)
}

/**
 * Reads a message from the directory, strictly: every element fills its parent, and every operation has exactly the
 * parts it may have. What passes here holds no surprise for a reader that is less strict.
 *
 * @throws {WireError} otherwise.
 * @see {@link https://www.rfc-editor.org/rfc/rfc4511#section-4 | RFC 4511 section 4}
 */
export function readAnswer(message: Buffer): Answer {
  const { id, operation, content, rest } = open(message)
  const common = { id, operation, controls: readControls(rest) }
  const parts = readElements(content)
  switch (operation) {
    case OPERATION.bindResponse:
      return { ...common, ...readResult(parts, [SASL_CREDENTIALS]) }
    case OPERATION.searchDone:
      return { ...common, ...readResult(parts, []) }
    case OPERATION.extendedResponse:
      return { ...common, ...readResult(parts, [RESPONSE_NAME, RESPONSE_VALUE]) }
    case OPERATION.searchEntry:
      checkEntry(parts)
      return common
    case OPERATION.searchReference:
      checkOctets(parts)
      return common
    default:
      throw malformed(`an answer of type 0x${operation.toString(16)}`)
  }
}

/** Reads the number and operation of a message that we sent. */
export function readEnvelope(message: Buffer): Envelope {
  const { id, operation } = open(message)
  return { id, operation }
}

function open(message: Buffer): Envelope & { readonly content: Buffer; readonly rest: readonly Element[] } {
  const [envelope, ...beyond] = readElements(message)
  if (envelope?.tag !== TAG.sequence || beyond.length > 0) throw malformed('a message that is no sequence')
  const [number, operation, ...rest] = readElements(envelope.content)
  if (number?.tag !== TAG.integer || operation === undefined) throw malformed('a message without number or operation')
  const id = readInteger(number.content)
  if (id < 0 || id > LARGEST_ID) throw malformed('a message number below zero')
  return { id, operation: operation.tag, content: operation.content, rest }
}

/** The common part of results: a code, a name, a text, perhaps referrals; then at most one of each of `extras`, in order. */
function readResult(
  [code, matched, text, ...more]: readonly Element[],
  extras: readonly number[],
): Pick<Answer, 'resultCode' | 'diagnostic' | 'responseName'> {
  if (code?.tag !== TAG.enumerated || matched?.tag !== TAG.octets || text?.tag !== TAG.octets) {
    throw malformed('a result without code, name or text')
  }
  let expected = [REFERRAL, ...extras]
  for (const { tag, content } of more) {
    const position = expected.indexOf(tag)
    if (position < 0) throw malformed('a result with an unknown part')
    if (tag === REFERRAL) checkOctets(readElements(content))
    expected = expected.slice(position + 1)
  }
  const name = more.find(({ tag }) => tag === RESPONSE_NAME)
  return {
    resultCode: readInteger(code.content),
    diagnostic: text.content.toString(),
    ...(name && { responseName: name.content.toString() }),
  }
}

function checkEntry([name, attributes, ...beyond]: readonly Element[]): void {
  if (name?.tag !== TAG.octets || attributes?.tag !== TAG.sequence || beyond.length > 0) {
    throw malformed('an entry without name or attributes')
  }
  for (const attribute of readElements(attributes.content)) {
    const [type, values, ...more] = attribute.tag === TAG.sequence ? readElements(attribute.content) : []
    if (type?.tag !== TAG.octets || values?.tag !== TAG.set || more.length > 0)
      throw malformed('an attribute in pieces')
    if (readElements(values.content).some(({ tag }) => tag !== TAG.octets)) throw malformed('a value that is no text')
  }
}

function checkOctets(elements: readonly Element[]): void {
  if (elements.length === 0 || elements.some(({ tag }) => tag !== TAG.octets)) throw malformed('a list that is not one')
}

function readControls(rest: readonly Element[]): ReadonlyMap<string, Buffer> {
  const [controls, ...beyond] = rest
  if (controls === undefined) return NO_CONTROLS
  if (controls.tag !== CONTROLS || beyond.length > 0) throw malformed('something after the operation')
  return new Map(
    readElements(controls.content).map((control) => {
      const [type, ...more] = control.tag === TAG.sequence ? readElements(control.content) : []
      const shape = more.map(({ tag }) => tag)
      const optional = [TAG.boolean, TAG.octets].filter((tag) => shape.includes(tag))
      if (type?.tag !== TAG.octets || shape.join() !== optional.join()) throw malformed('a control in pieces')
      return [type.content.toString(), more.find(({ tag }) => tag === TAG.octets)?.content ?? Buffer.alloc(0)]
    }),
  )
}
