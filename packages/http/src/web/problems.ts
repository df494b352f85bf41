/** What a login at a provider may end with besides a person; pages say no more than this, the log says why. */
export const PROBLEMS = {
  expired:
    'This sign-in was used already, took longer than ten minutes, or was begun in another browser. Please start again.',
  refused:
    'Signing in did not work. Please start again; if that does not help, give your administrator the reference below.',
  unavailable: 'The provider cannot be reached at the moment. Please try again in a minute.',
  conflict:
    'Your user name belongs to another account here, which is not linked to this provider. Ask your administrator to link it, and give them the reference below.',
  not_allowed: 'You may not use this server. Ask your administrator, and give them the reference below.',
} as const

/** The names of {@link PROBLEMS}. */
export type Problem = keyof typeof PROBLEMS

const REFERENCE = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Where a browser is sent with a problem; the address that it came back with from the provider is left behind. */
export const problemPath = (problem: Problem, reference: string): string =>
  `/login?problem=${problem}&reference=${reference}`

/** Reads what {@link problemPath} wrote. Only texts of ours are ever shown, whatever the address says. */
export function readProblem(
  query: URLSearchParams,
): { readonly problem: string; readonly reference?: string } | undefined {
  const name = query.get('problem') ?? ''
  if (!isProblem(name)) return undefined
  const reference = query.get('reference') ?? ''
  return { problem: PROBLEMS[name], ...(REFERENCE.test(reference) && { reference }) }
}

const isProblem = (name: string): name is Problem => Object.hasOwn(PROBLEMS, name)
