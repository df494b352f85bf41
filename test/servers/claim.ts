import { createServer } from 'node:net'

/** A name held against every other process of this machine until it is released or the holder dies. */
export interface Claim {
  release(): Promise<void>
}

/**
 * Claims a name, or returns `undefined` when another process has it. The claim is a listening socket in Linux's
 * abstract name space: taking it is atomic, it leaves no file, and the kernel gives it back when the holder dies.
 */
export function claim(name: string): Promise<Claim | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Claim | undefined>()
  const server = createServer((socket) => socket.destroy())
  server.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') resolve(undefined)
    else reject(error)
  })
  server.listen(`\0lockkeeper-${name}`, () => {
    server.unref()
    resolve({
      release: () => {
        const closed = Promise.withResolvers<void>()
        server.close(() => closed.resolve())
        return closed.promise
      },
    })
  })
  return promise
}
