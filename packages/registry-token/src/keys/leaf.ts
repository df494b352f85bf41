import type { KeyObject } from 'node:crypto'
import { type AuditSink, BackendUnavailableError, type Clock, ConfigurationError } from '@lockkeeper/core'
import type { Authority, Validity } from './authority.ts'

const RETRY_MS = 60_000

/** The certificates of one signing key, as `x5c` carries them. */
export interface Leaf {
  /** The certificates to send now. @throws {BackendUnavailableError} when they ended and cannot be renewed. */
  current(): Promise<readonly string[]>
  /** The certificates of the last `current()`. */
  latest(): readonly string[]
}

/** What {@link renewedLeaf} works with. */
export interface RenewedLeafOptions {
  readonly authority: Authority
  readonly publicKey: KeyObject
  /** How long a certificate holds; it is renewed at half of that. */
  readonly lifetimeMs: number
  /** How long before its end a certificate is of no more use: a token that it signs must be able to end before it. */
  readonly marginMs: number
  readonly clock: Clock
  readonly audit: AuditSink
}

/**
 * Keeps a short-lived certificate for a signing key: made now, renewed in passing when half of its life is over. There is
 * no timer, so a moved clock or a sleeping machine cannot make it miss the moment.
 *
 * @throws {ConfigurationError} when the authority ends before a token could.
 */
export async function renewedLeaf(options: RenewedLeafOptions): Promise<Leaf> {
  const { authority, publicKey, lifetimeMs, marginMs, clock, audit } = options
  let certificates: readonly string[] = []
  let validity: Validity = { fromMs: 0, untilMs: 0 }
  let renewAtMs = 0
  let renewal: Promise<void> | undefined

  const isUsable = (nowMs: number, untilMs: number): boolean => nowMs >= validity.fromMs && nowMs < untilMs

  async function renew(nowMs: number): Promise<void> {
    const issued = await authority.issue(publicKey, nowMs, nowMs + lifetimeMs)
    if (issued.validity.untilMs - marginMs <= nowMs) {
      const end = new Date(authority.validity.untilMs).toISOString()
      const message = `ends at ${end}, too soon to sign under it; make a new key folder`
      throw new ConfigurationError('signing keys', [{ path: 'ca.crt', message }])
    }
    certificates = [issued.der.toString('base64')]
    validity = issued.validity
    renewAtMs = nowMs + (issued.validity.untilMs - nowMs) / 2
  }

  function renewOnce(nowMs: number): Promise<void> {
    renewal ??= renew(nowMs).finally(() => {
      renewal = undefined
    })
    return renewal
  }

  await renew(clock.wallMs())
  return {
    latest: () => certificates,
    async current() {
      const nowMs = clock.wallMs()
      if (isUsable(nowMs, renewAtMs)) return certificates
      try {
        await renewOnce(nowMs)
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : 'unknown'
        audit.record({ type: 'keys', at: new Date(nowMs).toISOString(), outcome: 'renewal_failed', reason })
        renewAtMs = nowMs + RETRY_MS
        if (!isUsable(nowMs, validity.untilMs - marginMs)) {
          throw new BackendUnavailableError('signing keys', 'the certificate of the signing key cannot be renewed', {
            cause,
          })
        }
      }
      return certificates
    },
  }
}

/** Certificates that somebody else renews: used as they are, until the first of them ends. */
export function givenLeaf(ders: readonly Buffer[], validity: Validity, marginMs: number, clock: Clock): Leaf {
  const certificates = ders.map((der) => der.toString('base64'))
  return {
    latest: () => certificates,
    async current() {
      if (clock.wallMs() < validity.untilMs - marginMs) return certificates
      const end = new Date(validity.untilMs).toISOString()
      throw new BackendUnavailableError(
        'signing keys',
        `the certificate of the signing key ends at ${end}; supply a new one`,
      )
    },
  }
}
