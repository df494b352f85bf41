/** What commands write to and read from; tests hand in their own. */
export interface Terminal {
  write(text: string): void
  writeError(text: string): void
  /** All of standard input, at most 64 KiB. */
  readInput(): Promise<string>
  readonly environment: Readonly<Record<string, string | undefined>>
}

const MAX_INPUT_BYTES = 65_536

/** The process's own terminal. */
export const processTerminal: Terminal = {
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  environment: process.env,
  async readInput() {
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of process.stdin) {
      chunks.push(Buffer.from(chunk))
      size += chunk.length
      if (size > MAX_INPUT_BYTES) throw new TypeError('standard input is larger than 64 KiB')
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  },
}

/** Rows as aligned columns under a heading; numbers and words alike from the left. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heading, ...rows]
  const widths = heading.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return `${all.map(line).join('\n')}\n`
}
