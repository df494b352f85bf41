import { ConfigurationError, silentAudit, systemClock } from '@lockkeeper/core'
import { type KeyOptions, makeKeyRing } from './key-ring.ts'
import { readKeyFolder } from './read-key-folder.ts'
import type { Signer, SigningKeys } from './signing-keys.ts'

/** The keys of a folder, in service. */
export interface KeyFolder extends SigningKeys {
  /**
   * Reads the folder again and changes over only when everything in it is sound, nothing is weaker than before, and a
   * probe verified. Otherwise the old keys stay in service and an audit event says why.
   *
   * @throws {ConfigurationError} with every problem found; the old keys are still in service.
   */
  reload(): Promise<void>
}

/**
 * Opens a folder that {@link createKeyFolder} made, or that holds keys and certificates of your own.
 *
 * | file | holds |
 * |---|---|
 * | `ca.key` | private key of the certificate authority; without it `signing-*.crt` must be supplied for `x5c` |
 * | `ca.crt` | its certificate, which registries trust |
 * | `signing-es256.key`, `signing-rs256.key` | at least one signing key |
 * | `signing-es256.crt`, `signing-rs256.crt` | certificates made elsewhere, the signing key's own first |
 *
 * Private keys must be readable by their owner alone.
 *
 * @throws {ConfigurationError} with every problem found: files that are missing, open to others, broken, weak,
 * published, ended, or that do not belong together.
 */
export async function openKeyFolder(folder: string, options: KeyOptions = {}): Promise<KeyFolder> {
  const { clock = systemClock, audit = silentAudit } = options
  const read = async (): Promise<SigningKeys> => makeKeyRing(await readKeyFolder(folder, clock.wallMs()), options)
  let keys = await read()

  function report(outcome: string, reason?: string): void {
    const at = new Date(clock.wallMs()).toISOString()
    audit.record({ type: 'keys', at, outcome, ...(reason !== undefined && { reason }) })
  }

  return {
    get algorithms() {
      return keys.algorithms
    },
    signer: (algorithm) => keys.signer(algorithm),
    published: () => keys.published(),
    rootCertificates: () => keys.rootCertificates(),
    async reload() {
      try {
        const next = await read()
        refuseWeaker(folder, keys.published(), next.published())
        keys = next
      } catch (error) {
        report('reload_refused', error instanceof Error ? error.message : 'unknown')
        throw error
      }
      report('reloaded')
    },
  }
}

function refuseWeaker(folder: string, before: readonly Signer[], after: readonly Signer[]): void {
  for (const old of before) {
    const next = after.find(({ algorithm }) => algorithm === old.algorithm)
    const message =
      next === undefined
        ? `the ${old.algorithm} key is gone, and services may sign with it; restart to take it out of service`
        : bits(next) < bits(old)
          ? `the ${old.algorithm} key has ${bits(next)} bits and had ${bits(old)}; supply one that is not weaker`
          : undefined
    if (message) throw new ConfigurationError(`key folder ${folder}`, [{ path: '', message }])
  }
}

const bits = (key: Signer): number => key.publicKey.asymmetricKeyDetails?.modulusLength ?? 0
