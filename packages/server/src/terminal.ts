import { isUtf8 } from 'node:buffer'
import { InvalidInputError } from '@lockkeeper/core'

/** What commands write to and read from; tests hand in their own. */
export interface Terminal {
  write(text: string): void
  writeError(text: string): void
  /** All of standard input, at most 64 KiB of UTF-8. @throws {InvalidInputError} for anything else. */
  readInput(): Promise<string>
  readonly environment: Readonly<Record<string, string | undefined>>
}

const MAX_INPUT_BYTES = 65_536

/** The process's own terminal. */
export const processTerminal: Terminal = {
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  environment: process.env,
  readInput: () => readText(process.stdin),
}

/** What {@link Terminal.readInput} does with standard input. */
export async function readText(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    chunks.push(chunk)
    size += chunk.length
    if (size > MAX_INPUT_BYTES)
      throw new InvalidInputError('standard input has more than 64 KiB: send what is asked for alone')
  }
  const bytes = Buffer.concat(chunks)
  if (!isUtf8(bytes)) throw new InvalidInputError('standard input is no UTF-8: convert it, or type it in')
  return bytes.toString('utf8')
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
