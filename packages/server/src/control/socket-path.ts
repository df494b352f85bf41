/** What a socket address has room for: 108 bytes on Linux, 104 elsewhere, one of them for the end. */
const MAX_BYTES = process.platform === 'linux' ? 107 : 103

/** Why a socket cannot have this path; `undefined` when it can. */
export function socketProblem(path: string): string | undefined {
  const bytes = Buffer.byteLength(path)
  if (bytes <= MAX_BYTES) return undefined
  return `${path} is ${bytes} bytes long, and a socket may have ${MAX_BYTES}: choose a shorter data folder with --data`
}
