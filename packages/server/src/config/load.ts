import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { ConfigurationError, parseOptions } from '@lockkeeper/core'
import { type Document, LineCounter, parseDocument, type Scalar, visit } from 'yaml'
import { configurationSchema, type Settings } from './schema.ts'

/** Found beside the caller when no file is named. */
const DEFAULT_FILE = 'lockkeeper.yaml'

/** Settings, and where they came from. */
export interface LoadedSettings {
  readonly settings: Settings
  /** Absent on the embedded default. */
  readonly file?: string
  /** What paths in the settings are relative to: the folder of the file. */
  readonly folder: string
}

/**
 * Reads the configuration: the file that is named, else `lockkeeper.yaml` here, else the embedded default.
 *
 * @throws {ConfigurationError} with every problem found: a file that cannot be read, YAML that does not parse (with
 * line and column), unknown keys, wrong values.
 */
export async function loadSettings(named?: string): Promise<LoadedSettings> {
  const file = resolve(named ?? DEFAULT_FILE)
  const text = await readConfiguration(file, named !== undefined)
  const folder = dirname(file)
  if (text === undefined) return { settings: parseSettings({}), folder }
  return { settings: parseSettings(parseYaml(file, text), file), file, folder }
}

/** @throws {ConfigurationError} with every problem found. */
export const parseSettings = (value: unknown, subject = 'configuration'): Settings =>
  parseOptions(subject, configurationSchema, value ?? {})

async function readConfiguration(file: string, isRequired: boolean): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    if (code === 'ENOENT' && !isRequired) return undefined
    const advice =
      code === 'ENOENT'
        ? 'no such file; name another with --config'
        : `cannot be read (${code}): let this process read it, or name another with --config`
    throw new ConfigurationError(file, [{ path: '', message: advice }], { cause: error })
  }
}

function parseYaml(file: string, text: string): unknown {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  if (document.errors.length === 0) return resolved(file, document)
  const problems = document.errors.map(({ message, pos }) => {
    const { line, col } = lines.linePos(pos[0])
    return { path: `line ${line}, column ${col}:`, message }
  })
  throw new ConfigurationError(file, problems)
}

function resolved(file: string, document: Document): unknown {
  visit(document, { Scalar: unsetEmpty })
  try {
    const value: unknown = document.toJS({ maxAliasCount: 50 })
    // Fails where a value contains itself.
    JSON.stringify(value)
    return value
  } catch (error) {
    const message = 'has an alias that stands for nothing, for itself, or for too much: write out what it means'
    throw new ConfigurationError(file, [{ path: '', message }], { cause: error })
  }
}

/** An empty section of YAML is null: all that was in it may be commented out, and it then has its defaults. */
function unsetEmpty(place: number | 'key' | 'value' | null, scalar: Scalar): void {
  if (place !== 'key' && scalar.value === null) scalar.value = undefined
}
