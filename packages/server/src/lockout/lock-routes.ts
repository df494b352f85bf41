import { parseOptions } from '@lockkeeper/core'
import * as z from 'zod'
import type { ControlRoute } from '../control/control-server.ts'
import type { LockDesk } from './lock-desk.ts'

const NOTHING = z.strictObject({})
const TARGET = z.union([
  z.strictObject({ name: z.string().max(1024) }),
  z.strictObject({ key: z.string().max(64) }),
  z.strictObject({ all: z.literal(true) }),
])
const QUESTION = z.strictObject({ name: z.string().max(1024), source: z.string().max(64).exactOptional() })

/** What the `locks` commands ask of a running server. */
export const lockRoutes = (desk: LockDesk): ReadonlyMap<string, ControlRoute> =>
  new Map<string, ControlRoute>([
    [
      'locks/list',
      async (question) => {
        parseOptions('locks/list', NOTHING, question)
        return desk.list()
      },
    ],
    [
      'locks/clear',
      async (question) => {
        const target = parseOptions('locks/clear', TARGET, question)
        return desk.clear('all' in target ? 'all' : target)
      },
    ],
    [
      'locks/explain',
      async (question) => {
        const { name, source } = parseOptions('locks/explain', QUESTION, question)
        return desk.explain(name, source)
      },
    ],
    ['locks/counters', async () => desk.counters()],
  ])
