import { Agent, request } from 'node:http'

/** What a run of {@link load} measured. */
export interface LoadResult {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Answers by status code. */
  readonly statuses: ReadonlyMap<number, number>
}

/**
 * Sends GET requests over keep-alive connections, each sending its next request when the last was answered.
 *
 * @param options.connections How many at once.
 * @param options.seconds How long to measure, after a fifth of it as warm-up.
 */
export async function load(
  url: string,
  options: { readonly connections: number; readonly seconds: number; readonly headers?: Record<string, string> },
): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections })
  const statuses = new Map<number, number>()
  const times: number[] = []
  const startedAt = performance.now()
  const measureFrom = startedAt + options.seconds * 200
  const until = measureFrom + options.seconds * 1000

  const worker = async () => {
    while (performance.now() < until) {
      const sentAt = performance.now()
      const status = await get(url, agent, options.headers ?? {})
      if (sentAt < measureFrom) continue
      times.push(performance.now() - sentAt)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: options.connections }, worker))
  agent.destroy()
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return { perSecond: times.length / options.seconds, p50: at(0.5), p99: at(0.99), statuses }
}

function get(url: string, agent: Agent, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { agent, headers }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
      .on('error', reject)
      .end()
  })
}
