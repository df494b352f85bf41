import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigurationError, type ConfigurationProblem } from '@lockkeeper/core'

/**
 * Copies a section and reads the texts that it keeps elsewhere, so that no secret has to stand in a configuration:
 * `{ file: path }` becomes what the file holds, without the line end that an editor adds, and `{ env: NAME }` what the
 * environment holds. The section itself is no such text.
 *
 * @param subject Named in the error.
 * @param folder What paths are relative to: the folder of the configuration file.
 * @throws {ConfigurationError} with every text that cannot be read, and its path in the section.
 */
export function readTexts(subject: string, section: unknown, folder: string): unknown {
  const problems: ConfigurationProblem[] = []
  const copy = copyOf(section, '')
  if (problems.length > 0) throw new ConfigurationError(subject, problems)
  return copy

  function copyOf(value: unknown, path: string): unknown {
    if (Array.isArray(value)) return value.map((item, index) => readBelow(item, `${path}[${index}]`))
    if (typeof value !== 'object' || value === null) return value
    const below = (key: string) => (path === '' ? key : `${path}.${key}`)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readBelow(item, below(key))]))
  }

  function readBelow(value: unknown, path: string): unknown {
    const reading = readElsewhere(value, folder)
    if (reading === undefined) return copyOf(value, path)
    if (reading.text) return reading.text
    problems.push({ path, message: `names ${reading.name}, which ${reading.fault ?? 'is empty'}` })
    return undefined
  }
}

interface Reading {
  /** The file or the variable. */
  readonly name: string
  readonly text?: string | undefined
  readonly fault?: string
}

function readElsewhere(value: unknown, folder: string): Reading | undefined {
  const [[kind, name] = [], ...others] = typeof value === 'object' && value !== null ? Object.entries(value) : []
  if (others.length > 0 || typeof name !== 'string') return undefined
  if (kind === 'file') return readFile(resolve(folder, name))
  if (kind !== 'env') return undefined
  const text = process.env[name]
  return text === undefined ? { name, fault: 'is not set' } : { name, text }
}

function readFile(name: string): Reading {
  try {
    return { name, text: readFileSync(name, 'utf8').replace(/\r?\n$/, '') }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return { name, fault: `cannot be read (${code})` }
  }
}
