/** The part of a driver's connection that is used here: the last argument of `query` is a callback. */
export interface Queryable {
  query(...args: readonly unknown[]): unknown
}

/** A socket, as far as it has to be ended. */
export interface Destroyable {
  destroy(error?: Error): void
}

/**
 * Gives every statement of a connection a time limit, `begin` and `commit` included. A server that stands still keeps
 * its connections open and says nothing, so a late statement ends its connection too: the next one starts on a fresh one.
 */
export function limitStatements(connection: Queryable, socket: Destroyable, limitMs: number): void {
  const unlimited = connection.query.bind(connection)
  connection.query = (...args) => {
    const done: unknown = args.at(-1)
    if (typeof done !== 'function') return unlimited(...args)
    let isSettled = false
    const settle = (...results: readonly unknown[]) => {
      if (isSettled) return
      isSettled = true
      clearTimeout(timer)
      done(...results)
    }
    const timer = setTimeout(() => {
      socket.destroy()
      settle(Object.assign(new Error(`no answer within ${limitMs} ms`), { code: 'ETIMEDOUT' }))
    }, limitMs)
    return unlimited(...args.slice(0, -1), settle)
  }
}
