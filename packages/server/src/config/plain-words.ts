import * as z from 'zod'

/** What a value has to be, by the name of its type in zod. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ['string', 'a text'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list, such as [a, b]'],
  ['object', 'a section of keys with values'],
  ['record', 'a section of keys with values'],
])

type Issue = Parameters<z.core.$ZodErrorMap>[0]

/**
 * Has zod say what a value must be in the words of a configuration file, wherever a schema has no words of its own. This
 * is for the whole process, so a program does it, and no library.
 */
export function usePlainWords(): void {
  const { localeError: asEver } = z.locales.en()
  z.config({ localeError: (issue) => wordsFor(issue) ?? asEver(issue) })
}

function wordsFor(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return must(issue, KINDS.get(issue.expected))
    case 'invalid_value':
      return must(issue, oneOf(issue.values))
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options) ? must(issue, oneOf(issue.options)) : undefined
    case 'too_small':
      return must(issue, limit('at least', 'more than', issue.minimum, issue))
    case 'too_big':
      return must(issue, limit('at most', 'less than', issue.maximum, issue))
    default:
      return undefined
  }
}

function must({ input }: Issue, what: string | undefined): string | undefined {
  if (what === undefined) return undefined
  return input === undefined || input === null ? `is missing; it must be ${what}` : `must be ${what}`
}

const oneOf = (values: readonly unknown[]): string => `${values.length > 1 ? 'one of ' : ''}${values.join(', ')}`

function limit(
  inclusive: string,
  exclusive: string,
  bound: number | bigint,
  issue: { readonly inclusive?: boolean; readonly origin: string },
): string | undefined {
  const words = `${issue.inclusive === false ? exclusive : inclusive} ${bound}`
  switch (issue.origin) {
    case 'number':
    case 'int':
      return words
    case 'string':
      return `${words} characters long`
    case 'array':
      return `a list of ${words} entries`
    default:
      return undefined
  }
}
