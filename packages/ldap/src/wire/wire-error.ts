/** How a conversation with a directory broke. */
export type WireFault =
  /** The other side did not answer in time. */
  | 'timeout'
  /** The connection ended before an answer came. */
  | 'lost'
  /** What came is not what the protocol allows here. */
  | 'malformed'
  /** More came than any honest answer has. */
  | 'flood'
  /** The directory does not do StartTLS, or not now. */
  | 'starttls_refused'
  /** The caller's time budget ended, or the caller shut down. */
  | 'aborted'

/** A conversation that broke: nothing is known about the question that was asked. */
export class WireError extends Error {
  readonly fault: WireFault

  constructor(fault: WireFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'WireError'
    this.fault = fault
  }
}
