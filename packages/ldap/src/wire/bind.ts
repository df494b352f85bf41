import { OPERATION, readAnswer } from './answer.ts'
import { readElements, readInteger, TAG, writeElement } from './ber.ts'

/** What the directory said to a bind. */
export interface BindAnswer {
  /** Zero: the password is right. */
  readonly resultCode: number
  /** The directory's own words; Active Directory puts its sub-code there. */
  readonly diagnostic: string
  /** What a password policy says beside the code, where the directory has one. */
  readonly policyError?: number | undefined
}

const ID = writeElement(TAG.integer, Buffer.from([1]))
const VERSION = writeElement(TAG.integer, Buffer.from([3]))
const SIMPLE = 0x80
/** Asks for what a password policy has to say (draft-behera-ldap-password-policy-11 section 6). */
const PASSWORD_POLICY = '1.3.6.1.4.1.42.2.27.8.5.1'
const CONTROLS = writeElement(0xa0, writeElement(TAG.sequence, writeElement(TAG.octets, Buffer.from(PASSWORD_POLICY))))
const POLICY_ERROR = 0x81

/**
 * Encodes a simple bind, and nothing else that a bind can be.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc4511#section-4.2 | RFC 4511 section 4.2}
 */
export const encodeBind = (name: string, password: string): Buffer =>
  writeElement(
    TAG.sequence,
    ID,
    writeElement(
      OPERATION.bindRequest,
      VERSION,
      writeElement(TAG.octets, Buffer.from(name)),
      writeElement(SIMPLE, Buffer.from(password)),
    ),
    CONTROLS,
  )

/** Reads the answer to a bind. @throws {WireError} when it is none. */
export function readBindAnswer(message: Buffer): BindAnswer {
  const { resultCode = -1, diagnostic = '', controls } = readAnswer(message)
  const policy = controls.get(PASSWORD_POLICY)
  return { resultCode, diagnostic, ...(policy && { policyError: readPolicyError(policy) }) }
}

/** The error in the value of the control, where there is one beside warnings. */
function readPolicyError(value: Buffer): number | undefined {
  const [parts] = readElements(value)
  const error =
    parts?.tag === TAG.sequence ? readElements(parts.content).find(({ tag }) => tag === POLICY_ERROR) : undefined
  return error && readInteger(error.content)
}
