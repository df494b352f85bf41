import {
  type Action,
  type Decision,
  formatResource,
  InvalidInputError,
  parseResource,
  type Resource,
  type SecurityContext,
} from '@lockkeeper/core'

/** Who is asked about what. */
export interface PolicyMatrixOptions {
  /** One column each, under this name. */
  readonly people: Readonly<Record<string, SecurityContext>>
  /** As {@link parseResource} reads them: `repository:team/app`, `project:team/member`, `system:catalog`. */
  readonly resources: readonly (string | Resource)[]
  readonly actions: readonly Action[]
}

/** One question and its answer. */
export interface PolicyMatrixEntry {
  readonly who: string
  readonly action: Action
  readonly resource: string
  readonly decision: Decision
}

/** Every answer, in reading order of the table. */
export interface PolicyMatrix {
  readonly entries: readonly PolicyMatrixEntry[]
  /** A table for people and snapshots: a line per resource and action, a column per person, `yes` or `no` and the rule. */
  toString(): string
}

/**
 * Asks everybody about everything, so that a whole policy can be read, and its change reviewed, as one table.
 *
 * @throws {InvalidInputError} naming the resource that cannot be read.
 * @throws {BackendUnavailableError} when a context cannot tell: a matrix has no guesses in it.
 */
export async function policyMatrix({ people, resources, actions }: PolicyMatrixOptions): Promise<PolicyMatrix> {
  const entries: PolicyMatrixEntry[] = []
  for (const resource of resources.map(readResource)) {
    for (const action of actions) {
      for (const [who, context] of Object.entries(people)) {
        const decision = await context.explain(action, resource)
        entries.push({ who, action, resource: formatResource(resource), decision })
      }
    }
  }
  return { entries, toString: () => printTable(Object.keys(people), entries) }
}

function readResource(resource: string | Resource): Resource {
  if (typeof resource !== 'string') return resource
  const parsed = parseResource(resource)
  if (parsed) return parsed
  throw new InvalidInputError(
    `${JSON.stringify(resource)} is no resource: write project:<name>[/<part>], repository:<project>/<name> or system:<part>`,
  )
}

function printTable(people: readonly string[], entries: readonly PolicyMatrixEntry[]): string {
  const lines: string[][] = [['', '', ...people]]
  for (let start = 0; start < entries.length; start += people.length) {
    const answers = entries.slice(start, start + people.length)
    const [first] = answers
    if (first) lines.push([first.resource, first.action, ...answers.map(({ decision }) => cell(decision))])
  }
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? []
  return lines
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const cell = ({ allowed, rule }: Decision): string =>
  allowed ? `yes ${rule}` : rule === 'default-deny' ? 'no' : `no  ${rule}`
