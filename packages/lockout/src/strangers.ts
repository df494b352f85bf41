import type { FailureRates } from './failure-rates.ts'
import type { TrustedSources } from './trusted-sources.ts'

/** Why a source is turned away, and for how long. */
export interface TurnedAway {
  readonly why: string
  /** In milliseconds. */
  readonly forMs: number
}

/** Turns away who has had too much refused, or whom a spray hides, from names they never succeeded with. */
export class Strangers {
  readonly #rates: FailureRates
  readonly #trusted: Pick<TrustedSources, 'has'>
  readonly #refuseDuringSpray: boolean

  constructor(rates: FailureRates, trusted: Pick<TrustedSources, 'has'>, refuseDuringSpray: boolean) {
    this.#rates = rates
    this.#trusted = trusted
    this.#refuseDuringSpray = refuseDuringSpray
  }

  /** @returns Nothing when the source may try the name. */
  async turnedAway(name: string, network: string): Promise<TurnedAway | undefined> {
    const limitedMs = this.#rates.limitedForMs(network)
    const sprayMs = this.#refuseDuringSpray ? this.#rates.sprayForMs() : 0
    if (limitedMs === 0 && sprayMs === 0) return undefined
    if (await this.#trusted.has(name, network)) return undefined
    return limitedMs > 0
      ? { why: 'too many refusals', forMs: limitedMs }
      : { why: 'too many refusals from all sources together', forMs: sprayMs }
  }
}
