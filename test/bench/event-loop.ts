import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Answers the parent's `event-loop` message with the p99 delay of the event loop, in milliseconds, since the last one. */
export function reportEventLoopDelay(): void {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  process.on('message', (message) => {
    if (message !== 'event-loop') return
    process.send?.({ eventLoopP99: delay.percentile(99) / 1e6 })
    delay.reset()
  })
}
