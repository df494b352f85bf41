import { BackendUnavailableError } from '@lockkeeper/core'
import type { Approach } from './approach.ts'

interface Flight {
  readonly network: string
  readonly landing: Promise<unknown>
}

/**
 * Lets equal attempts that arrive together share one run.
 *
 * A run that comes from another network is only joined while nobody tries the name with another secret. Else a
 * stranger could hold guess after guess against the run of the owner, one comparison each, and never be verified.
 */
export class Flights {
  readonly #maxFlights: number
  readonly #byName = new Map<string, Map<string, Flight>>()
  #inTheAir = 0

  constructor(maxFlights: number) {
    this.#maxFlights = maxFlights
  }

  /**
   * Joins an equal run or starts one. Equal approaches must come with runs of one type of result.
   *
   * @throws {BackendUnavailableError} when too many runs are under way.
   */
  join<T>(approach: Approach, run: () => Promise<T>): { readonly landing: Promise<T>; readonly shared: boolean } {
    const { secret, network } = approach
    const name = `${approach.name} ${approach.lane}`
    const flights = this.#byName.get(name) ?? new Map<string, Flight>()
    const ownKey = `${secret} ${network}`
    const open = flights.get(secret)
    const joined = open !== undefined && (open.network === network || flights.size === 1) ? open : flights.get(ownKey)
    if (joined !== undefined) return { landing: joined.landing as Promise<T>, shared: true }

    if (this.#inTheAir >= this.#maxFlights) {
      throw new BackendUnavailableError('lockout', 'too many attempts are under way', { retryAfterSeconds: 2 })
    }
    const key = open === undefined ? secret : ownKey
    const landing = run()
    flights.set(key, { network, landing })
    this.#byName.set(name, flights)
    this.#inTheAir += 1
    const landed = () => {
      flights.delete(key)
      if (flights.size === 0) this.#byName.delete(name)
      this.#inTheAir -= 1
    }
    landing.then(landed, landed)
    return { landing, shared: false }
  }
}
