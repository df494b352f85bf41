import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { authenticatorContract, password } from '@lockkeeper/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { htpasswdAuth } from './htpasswd-auth.ts'

const original = new URL('./people.htpasswd', import.meta.url)
const folder = await mkdtemp(join(tmpdir(), 'htpasswd-'))
const file = join(folder, 'people.htpasswd')

beforeAll(() => copyFile(original, file))
afterAll(() => rm(folder, { recursive: true }))

authenticatorContract(
  { describe, it },
  {
    make: () => htpasswdAuth({ file }),
    accepted: password('jane', 'open sesame'),
    rejected: [password('jane', ''), password('jane', 'wrong')],
    unknown: [password('j*', 'open sesame'), password('nobody', 'x')],
    breakBackend: () => rm(file),
    restoreBackend: () => copyFile(original, file),
  },
)
