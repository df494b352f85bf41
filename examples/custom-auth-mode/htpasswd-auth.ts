import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Authenticator, abstained, authenticated, BackendUnavailableError, rejected } from '@lockkeeper/core'
import { compare } from '@node-rs/bcrypt'

const mode = 'htpasswd_auth'
const STAND_IN = '$2b$10$Z3b3B.riDLfjVpXYHp4yRu64gt7XcBVuIebtYvHy/dt1Esxofsmhq'

/** People in an htpasswd file (`htpasswd -B`), read anew for each login. Names are matched exactly. */
export function htpasswdAuth({ file }: { file: string }): Authenticator {
  return {
    mode,
    async lookUp({ typed }) {
      const hash = (await readPeople(file)).get(typed)
      return {
        ...(hash !== undefined && { account: typed }),
        async verify(password) {
          // Somebody unknown costs the same comparison, so time does not tell who is in the file.
          const matches = await compare(password, hash ?? STAND_IN)
          if (hash === undefined) return abstained
          // bcrypt looks at 72 bytes, and what follows would be ignored.
          if (!matches || Buffer.byteLength(password) > 72) return rejected('bad_credentials')
          return authenticated({ mode, issuer: 'htpasswd', subject: typed, username: typed, groups: [] })
        },
      }
    },
  }
}

// `auth.plugins: [./htpasswd-auth.ts]` looks for this name.
export const authMode = ({ file }: { file: string }, { folder }: { folder: string }) =>
  htpasswdAuth({ file: resolve(folder, file) })

async function readPeople(file: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new BackendUnavailableError(mode, 'the file cannot be read', { cause })
  })
  const lines = text.split('\n').map((line) => /^([^:#]+):(\$2[aby]?\$.+)$/.exec(line.trim()))
  return new Map(lines.flatMap((match) => (match?.[1] && match[2] ? [[match[1], match[2]]] : [])))
}
