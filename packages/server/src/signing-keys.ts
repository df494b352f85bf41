import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { AuditSink } from '@lockkeeper/core'
import { createKeyFolder, type KeyFolder, openKeyFolder, type SigningAlgorithm } from '@lockkeeper/registry-token/keys'
import type { Place } from './stores.ts'

/** The folder of the signing keys: the configured one, relative to the configuration file, or the one in the data folder. */
export const keyFolderOf = ({ settings, folder, data }: Place): string =>
  settings.tokens.keys === undefined ? data.keyFolder : resolve(folder, settings.tokens.keys)

/**
 * Opens the signing keys. What is missing in the embedded folder is made; a folder that was configured is the operator's.
 *
 * @throws {ConfigurationError} with every problem found.
 */
export async function openSigningKeys(place: Place, audit?: AuditSink): Promise<KeyFolder> {
  const folder = keyFolderOf(place)
  if (place.settings.tokens.keys === undefined) await makeMissing(folder, algorithmsOf(place))
  return openKeyFolder(folder, audit && { audit })
}

/** The algorithms that the configured services sign with. */
const algorithmsOf = ({ settings }: Place): ReadonlySet<SigningAlgorithm> =>
  new Set(Object.values(settings.tokens.services).map(({ algorithm }) => algorithm))

async function makeMissing(folder: string, algorithms: ReadonlySet<SigningAlgorithm>): Promise<void> {
  for (const algorithm of algorithms) {
    const isThere = () => existsSync(resolve(folder, `signing-${algorithm.toLowerCase()}.key`))
    if (isThere()) continue
    await createKeyFolder(folder, { algorithm }).catch((error: unknown) => {
      // A command that started at the same moment may have made them.
      if (!isThere()) throw error
    })
  }
}
