import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** A benchmark server in a process of its own. */
export interface BenchServer {
  readonly url: string
  /** p99 of the delay of its event loop since this was last asked, in milliseconds. */
  eventLoopP99(): Promise<number>
  stop(): Promise<void>
}

/** Starts a module that reports `{ url }` over its channel, or one that serves on the address that is given. */
export async function startChild(module: URL, words: readonly string[], url?: string): Promise<BenchServer> {
  const child = fork(module, [...words], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  const reported = url ?? (await nextMessage<{ url: string }>(child)).url
  await waitUntilServing(reported, child)
  return {
    url: reported,
    async eventLoopP99() {
      child.send('event-loop')
      return (await nextMessage<{ eventLoopP99: number }>(child)).eventLoopP99
    },
    async stop() {
      child.kill('SIGTERM')
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

async function nextMessage<T>(child: ChildProcess): Promise<T> {
  const [message] = await once(child, 'message')
  return message
}

async function waitUntilServing(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`the server ended with code ${child.exitCode}`)
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`nothing answers at ${url}`)
}
