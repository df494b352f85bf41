/** What is known of the socket that a request came in on; a `Request` cannot say it. */
export interface Connection {
  /** Address of the other end of the socket, or `unix` for a socket that has none. */
  readonly peer: string
  readonly tls: boolean
}

/** What was found out about a request before its route sees it. */
export interface RequestInfo {
  /** Made here, never taken from the client; it goes into the answer, the log and the audit. */
  readonly requestId: string
  readonly url: URL
  /** The canonical path; the only thing that routes are chosen by. */
  readonly path: string
  /** The client's address: the peer's, or a forwarded one where the peer is a listed proxy. */
  readonly source: string
  readonly connection: Connection
}

/** One entry of a server's table of routes. */
export interface Route {
  /** `GET` answers `HEAD` as well. */
  readonly method: string | readonly string[]
  /** An exact path, or a prefix that ends in `/*` and matches whatever follows its slash. */
  readonly path: string
  /** Served under every `Host`: for probes, which call a server by its address. */
  readonly anyHost?: true
  /** Not there where another route claims the same path, by whatever method. */
  readonly givesWay?: true
  /** May throw: a `RequestError` is answered as it says, an outage with 503, all else with 500. */
  readonly handle: (request: Request, info: RequestInfo) => Promise<Response>
}
