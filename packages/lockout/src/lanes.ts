import { hash } from 'node:crypto'
import type { LockoutPolicy } from './policies.ts'
import type { TrustedSources } from './trusted-sources.ts'

/** The one lane of a policy without lanes. */
const EVERYBODY = ''

const strangers = (number: number): string => `strangers ${number}`

/** In which lane a name is tried from a network: who shares a lane shares a freeze. */
export async function laneOf(
  { lanes }: LockoutPolicy,
  trusted: Pick<TrustedSources, 'has'>,
  name: string,
  network: string,
): Promise<string> {
  if (lanes === undefined) return EVERYBODY
  if (await trusted.has(name, network)) return `network ${network}`
  return strangers(Number.parseInt(hash('sha256', network).slice(0, 8), 16) % lanes.strangers)
}

/** The lanes that every name has, whoever was trusted. */
export const commonLanes = ({ lanes }: LockoutPolicy): readonly string[] =>
  lanes === undefined ? [EVERYBODY] : Array.from({ length: lanes.strangers }, (_, number) => strangers(number))
