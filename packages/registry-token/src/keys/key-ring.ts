import { type AuditSink, type Clock, silentAudit, systemClock } from '@lockkeeper/core'
import type { Authority, Validity } from './authority.ts'
import { givenLeaf, type Leaf, renewedLeaf } from './leaf.ts'
import type { SigningAlgorithm } from './private-key.ts'
import { proveKey } from './probe.ts'
import type { Signer, SigningKey, SigningKeys } from './signing-keys.ts'

/** How keys are kept in service. */
export interface KeyOptions {
  /** How long the certificate in `x5c` holds; it is renewed at half of that. Default: 86400, a day; at least 14400. */
  readonly leafLifetimeSeconds?: number
  readonly clock?: Clock
  /** Is told about renewals and reloads that failed, as events of type `keys`. */
  readonly audit?: AuditSink
}

/** What keys are made of, read and judged. */
export interface KeyMaterial {
  /** Absent where certificates are supplied from elsewhere. */
  readonly authority?: Authority
  readonly keys: readonly { readonly key: SigningKey; readonly given?: GivenCertificates }[]
  readonly rootCertificates: string
}

/** Certificates of a signing key that were supplied, its own first. */
export interface GivenCertificates {
  readonly ders: readonly Buffer[]
  /** The part of time in which all of them hold. */
  readonly validity: Validity
}

const DEFAULT_LEAF_LIFETIME_SECONDS = 86_400
const MIN_LEAF_LIFETIME_SECONDS = 14_400
/** The longest token life and the leeway of registries: a certificate must outlive what is signed under it. */
const LEAF_MARGIN_MS = 3_660_000

/**
 * Puts keys into service: certificates are made where there is an authority, and each key signs and verifies a probe.
 *
 * @throws {TypeError} when the leaf lifetime is under four hours.
 */
export async function makeKeyRing(material: KeyMaterial, options: KeyOptions = {}): Promise<SigningKeys> {
  const { clock = systemClock, audit = silentAudit, leafLifetimeSeconds = DEFAULT_LEAF_LIFETIME_SECONDS } = options
  if (!(leafLifetimeSeconds >= MIN_LEAF_LIFETIME_SECONDS)) {
    throw new TypeError(`leafLifetimeSeconds must be at least ${MIN_LEAF_LIFETIME_SECONDS}`)
  }
  const held = new Map<SigningAlgorithm, { readonly key: SigningKey; readonly leaf: Leaf | undefined }>()
  for (const { key, given } of material.keys) {
    await proveKey(key)
    held.set(key.algorithm, { key, leaf: await leafOf(key, given) })
  }

  async function leafOf(key: SigningKey, given: GivenCertificates | undefined): Promise<Leaf | undefined> {
    if (given) return givenLeaf(given.ders, given.validity, LEAF_MARGIN_MS, clock)
    const { authority } = material
    if (!authority) return undefined
    const { publicKey } = key
    return renewedLeaf({
      authority,
      publicKey,
      lifetimeMs: leafLifetimeSeconds * 1000,
      marginMs: LEAF_MARGIN_MS,
      clock,
      audit,
    })
  }

  return {
    algorithms: [...held.keys()],
    async signer(algorithm): Promise<Signer> {
      const found = held.get(algorithm)
      if (!found) throw new TypeError(`there is no ${algorithm} key among the signing keys`)
      return { ...found.key, certificates: (await found.leaf?.current()) ?? [] }
    },
    published: () => Array.from(held.values(), ({ key, leaf }) => ({ ...key, certificates: leaf?.latest() ?? [] })),
    rootCertificates: () => material.rootCertificates,
  }
}
