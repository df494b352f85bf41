/** What can be done to a resource. `scanner-pull` is a pull that a vulnerability scanner makes. */
export const ACTIONS = [
  'create',
  'read',
  'update',
  'delete',
  'list',
  'operate',
  'stop',
  'pull',
  'push',
  'scanner-pull',
] as const

/** One of {@link ACTIONS}. */
export type Action = (typeof ACTIONS)[number]

/** Something a security context is asked about. Names are as people write them; ids stay inside the stores. */
export type Resource =
  /** A project itself, or one of its parts such as `member`. */
  | { readonly kind: 'project'; readonly project: string; readonly part?: string }
  /** One repository of a project: `name` is what follows the project, without the slash. */
  | { readonly kind: 'repository'; readonly project: string; readonly name: string }
  /** A part of the whole deployment, such as `catalog`. */
  | { readonly kind: 'system'; readonly part: string }

const MAX_LENGTH = 512
const PROJECT = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const PART = /^[a-z]+(?:-[a-z]+)*$/

/** Whether a text can name a project: groups of `a-z0-9` joined by single `.`, `_` or `-`, at most 255 characters. */
export const isProjectName = (name: string): boolean => name.length <= 255 && PROJECT.test(name)

/** Whether a text can name a repository inside a project: path components of the reference grammar. */
export const isRepositoryName = (name: string): boolean =>
  name.length <= 255 && name.split('/').every((component) => COMPONENT.test(component))

/** Narrows a text to an action. */
export const isAction = (text: string): text is Action => (ACTIONS as readonly string[]).includes(text)

/**
 * Reads `project:<name>[/<part>]`, `repository:<project>/<name>` or `system:<part>`.
 *
 * @returns `undefined` for anything else; nothing is rewritten on the way.
 */
export function parseResource(text: string): Resource | undefined {
  if (text.length > MAX_LENGTH) return undefined
  const colon = text.indexOf(':')
  const kind = text.slice(0, Math.max(colon, 0))
  const rest = text.slice(colon + 1)
  const slash = rest.indexOf('/')
  const head = slash < 0 ? rest : rest.slice(0, slash)
  const tail = slash < 0 ? undefined : rest.slice(slash + 1)
  switch (kind) {
    case 'system':
      return PART.test(rest) ? { kind, part: rest } : undefined
    case 'project':
      if (!isProjectName(head)) return undefined
      if (tail === undefined) return { kind, project: head }
      return PART.test(tail) ? { kind, project: head, part: tail } : undefined
    case 'repository':
      if (tail === undefined || !isProjectName(head) || !isRepositoryName(tail)) return undefined
      return { kind, project: head, name: tail }
    default:
      return undefined
  }
}

/** Writes a resource the way {@link parseResource} reads it. */
export function formatResource(resource: Resource): string {
  switch (resource.kind) {
    case 'system':
      return `system:${resource.part}`
    case 'project':
      return `project:${resource.project}${resource.part === undefined ? '' : `/${resource.part}`}`
    case 'repository':
      return `repository:${resource.project}/${resource.name}`
  }
}
