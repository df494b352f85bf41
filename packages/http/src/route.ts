import type { Connection } from '@lockkeeper/core'

export type { Connection, RequestInfo, Route } from '@lockkeeper/core'

/** The boundary of this package: what an adapter calls for each request. It never rejects. */
export type Handler = (request: Request, connection: Connection) => Promise<Response>
