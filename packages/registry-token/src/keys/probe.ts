import { compactVerify } from 'jose'
import type { SigningKey } from './signing-keys.ts'

/**
 * Lets a key sign a probe and verifies it with the public half that will be published, so that a pair that does not
 * work together never signs a real token.
 *
 * @throws {Error} from the library when it does not verify.
 */
export async function proveKey(key: SigningKey): Promise<void> {
  const probe = await key.sign({ kid: key.thumbprint }, { sub: 'probe' })
  await compactVerify(probe, key.publicKey, { algorithms: [key.algorithm] })
}
