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

/** What a server answers to a command about locks. */
export interface LockAnswer {
  readonly answer: unknown
  /** Why the answer is about this server alone. */
  readonly lost?: string
}

/**
 * What the `locks` commands ask of a running server.
 *
 * @param lost What is wrong with a shared store that does not answer.
 */
export function lockRoutes(desk: LockDesk, lost: () => string | undefined): ReadonlyMap<string, ControlRoute> {
  const routes: Readonly<Record<string, ControlRoute>> = {
    async list(question) {
      parseOptions('locks/list', NOTHING, question)
      return desk.list()
    },
    async clear(question) {
      const target = parseOptions('locks/clear', TARGET, question)
      return desk.clear('all' in target ? 'all' : target)
    },
    async explain(question) {
      const { name, source } = parseOptions('locks/explain', QUESTION, question)
      return desk.explain(name, source)
    },
    async counters() {
      return desk.counters()
    },
  }
  return new Map(
    Object.entries(routes).map(([name, route]) => [
      `locks/${name}`,
      async (question): Promise<LockAnswer> => {
        const answer = await route(question)
        // Asked afterwards: the question itself may have found it out.
        const why = lost()
        return { answer, ...(why !== undefined && { lost: why }) }
      },
    ]),
  )
}
