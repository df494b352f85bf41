import { readFileSync } from 'node:fs'
import { Secret } from '@lockkeeper/core'
import * as z from 'zod'

const sources = z.union(
  [
    z.string().min(1),
    z.custom<Secret>((value) => value instanceof Secret),
    z.strictObject({ file: z.string().min(1) }),
    z.strictObject({ env: z.string().min(1) }),
  ],
  { error: 'must be the text itself, { file: path } or { env: NAME }' },
)

/**
 * A text that belongs into no configuration file in clear: the text itself, or the file or environment variable that has
 * it. Read once, when the options are parsed; one line end at the end of a file is not part of it.
 */
export const textSource = sources.transform((source, context): Secret => {
  const text = read(source, (problem) => context.addIssue(problem))
  if (text === '') context.addIssue('is empty')
  return text ? new Secret(text) : z.NEVER
})

function read(source: z.output<typeof sources>, problem: (what: string) => void): string | undefined {
  if (typeof source === 'string') return source
  if (source instanceof Secret) return source.reveal()
  if ('env' in source) {
    const text = process.env[source.env]
    if (text === undefined) problem(`names ${source.env}, which is not set`)
    return text
  }
  try {
    return readFileSync(source.file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    problem(`names ${source.file}, which cannot be read (${code})`)
    return undefined
  }
}
