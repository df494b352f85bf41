import { readFileSync } from 'node:fs'
import { Secret } from '@lockkeeper/core'
import * as z from 'zod'

const sources = z.union(
  [
    z.string().min(1),
    z.instanceof(Secret),
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
  const text = read(source)
  if (typeof text === 'string' && text !== '') return new Secret(text)
  context.addIssue(text === '' ? 'is empty' : (text as { problem: string }).problem)
  return z.NEVER
})

function read(source: z.output<typeof sources>): string | { readonly problem: string } {
  if (typeof source === 'string') return source
  if (source instanceof Secret) {
    const value = source.reveal()
    return typeof value === 'string' ? value : new TextDecoder().decode(value)
  }
  if ('env' in source) return process.env[source.env] ?? { problem: `names ${source.env}, which is not set` }
  try {
    return readFileSync(source.file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return { problem: `names ${source.file}, which cannot be read (${code})` }
  }
}
