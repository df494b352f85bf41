import type { Call, Clock } from '@lockkeeper/core'
import { textResponse } from './response.ts'
import type { Route } from './route.ts'

/** Something the server asks for its answers. */
export interface Backend {
  /** As the operator named it; the only thing about it that is shown. */
  readonly name: string
  /** Throws when it does not answer. */
  ping(call: Call): Promise<void>
  /** Set where the server does without it while it is down: `/readyz` then names it and stays 200. */
  readonly optional?: boolean
}

/** What {@link healthEndpoint} is made of. */
export interface HealthEndpointParts {
  readonly backends: readonly Backend[]
  readonly clock: Clock
  /**
   * Told why a backend is down that is not optional, and which probe found out; a client is told only that it is. Of an
   * optional one whoever does without it can tell more.
   */
  readonly onDown?: (name: string, error: unknown, requestId: string) => void
  /** Time one ping has, in milliseconds; 2000 by default. */
  readonly budgetMs?: number
  /** How long one round of pings is believed, in milliseconds; 1000 by default. */
  readonly cacheMs?: number
  /** Once it aborts the server is not ready, so that balancers look elsewhere. */
  readonly stopSignal?: AbortSignal
}

interface Round {
  readonly down: Promise<readonly Backend[]>
  /** Monotonic milliseconds; absent while the pings are under way. */
  endedAt?: number
}

/**
 * Serves `/healthz` (the process answers) and `/readyz` (so do its backends, else their names, with 503 unless all of
 * them are optional). Probes that come together share one round of pings.
 */
export function healthEndpoint(parts: HealthEndpointParts): readonly Route[] {
  const { backends, clock, stopSignal, onDown, budgetMs = 2000, cacheMs = 1000 } = parts
  let round: Round | undefined

  return [
    {
      method: 'GET',
      path: '/healthz',
      anyHost: true,
      handle: async () => textResponse(JSON.stringify({ status: 'alive' })),
    },
    {
      method: 'GET',
      path: '/readyz',
      anyHost: true,
      async handle(_request, { requestId }) {
        if (stopSignal?.aborted) return unready('stopping')
        const down = await ask(requestId)
        const names = down.map(({ name }) => name)
        if (down.some(({ optional }) => !optional)) return unready('unavailable', names)
        const says = names.length === 0 ? { status: 'ready' } : { status: 'degraded', down: names }
        return textResponse(JSON.stringify(says))
      },
    },
  ]

  function ask(requestId: string): Promise<readonly Backend[]> {
    const isOld = round?.endedAt !== undefined && clock.monotonicMs() - round.endedAt >= cacheMs
    if (round === undefined || isOld) round = startRound(requestId)
    return round.down
  }

  function startRound(requestId: string): Round {
    const started: Round = {
      down: pingAll(requestId).finally(() => {
        started.endedAt = clock.monotonicMs()
      }),
    }
    return started
  }

  async function pingAll(requestId: string): Promise<readonly Backend[]> {
    const answers = await Promise.all(backends.map((backend) => isUp(backend, requestId)))
    return backends.filter((_, index) => !answers[index])
  }

  async function isUp(backend: Backend, requestId: string): Promise<boolean> {
    const budget = new AbortController()
    try {
      // A ping that ignores its signal must not keep the probe waiting.
      await Promise.race([pingWithin(backend, budget), timeOut(budget)])
      return true
    } catch (error) {
      if (!backend.optional) report(backend.name, error, requestId)
      return false
    } finally {
      budget.abort()
    }
  }

  async function pingWithin(backend: Backend, { signal }: AbortController): Promise<void> {
    await backend.ping({ signal })
  }

  async function timeOut(budget: AbortController): Promise<never> {
    await clock.sleep(budgetMs, budget.signal)
    budget.abort()
    throw new Error(`no answer within ${budgetMs} ms`)
  }

  function report(name: string, error: unknown, requestId: string): void {
    try {
      onDown?.(name, error, requestId)
    } catch {
      // A log that throws must not change the answer.
    }
  }
}

const unready = (status: string, down: readonly string[] = []): Response =>
  textResponse(JSON.stringify({ status, down }), { status: 503, headers: { 'Retry-After': '1' } })
