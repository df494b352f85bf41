/**
 * Resolves when the process was told to stop and everything is closed. A second signal does not wait: `stop` is called
 * again, which cuts what is left.
 */
export function untilStopped(stop: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const onSignal = () => {
      stop().then(() => {
        process.off('SIGTERM', onSignal).off('SIGINT', onSignal)
        resolve()
      }, reject)
    }
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  })
}
