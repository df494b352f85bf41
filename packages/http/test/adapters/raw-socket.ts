import { connect } from 'node:net'

/**
 * Sends bytes as they are and gives back all that came until the other side closed, or until nothing came for a while.
 *
 * @param bytes Text is sent as Latin-1, so that every byte can be written.
 * @param quietMs How long nothing must come before the answer counts as complete.
 */
export function sendRaw(url: string, bytes: string | Uint8Array, quietMs = 2000): Promise<RawAnswer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    let text = ''
    let isClosed = false
    const socket = connect(Number(port), hostname.replace(/[[\]]/g, ''))
    const quiet = setTimeout(() => socket.destroy(), quietMs)
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      text += chunk
      quiet.refresh()
    })
    socket.on('end', () => {
      isClosed = true
    })
    socket.on('error', () => {
      isClosed = true
    })
    socket.on('close', () => {
      clearTimeout(quiet)
      resolve({ text, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), isClosed })
    })
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  })
}

/**
 * Sends everything before it reads anything, as simple clients do, and gives back what is there to be read then. A server
 * that closed while bytes were still on their way resets the connection, and its answer is lost.
 */
export function sendThenRead(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let text = ''
    socket.on('error', reject)
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.pause()
    socket.write(bytes, () => {
      // Longer than any server lingers, so that a reset has arrived if there is one.
      setTimeout(() => socket.resume(), 1200)
    })
    socket.on('close', () => resolve(text))
  })
}

/** What came back. */
export interface RawAnswer {
  readonly text: string
  /** Of the first answer; 0 when there was none. */
  readonly status: number
  /** The other side closed the connection. */
  readonly isClosed: boolean
}

/** A request with a Host, and a line of its own for each header; its connection closes unless a header says otherwise. */
export const rawRequest = (line: string, headers: readonly string[] = [], body = ''): string => {
  const connection = headers.some((header) => /^connection:/i.test(header)) ? [] : ['Connection: close']
  return [`${line} HTTP/1.1`, 'Host: auth.test', ...headers, ...connection, '', body].join('\r\n')
}

/** Keeps a connection open in {@link rawRequest}, to see who closes it. */
export const KEEP_ALIVE = 'Connection: keep-alive'
