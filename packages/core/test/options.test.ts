import { describe, expect, it } from 'vitest'
import { parseOptions, type StandardSchema, unknownKeys } from '../src/index.ts'

type Issues = Parameters<typeof schemaWith>[0]

function schemaWith(
  issues: ReadonlyArray<{ message: string; path?: ReadonlyArray<PropertyKey | { key: PropertyKey }> }>,
) {
  const schema: StandardSchema<unknown, never> = { '~standard': { validate: () => ({ issues }) } }
  return schema
}

const problemsOf = (issues: Issues) => {
  try {
    return parseOptions('ldap_auth', schemaWith(issues), {})
  } catch (error) {
    return error
  }
}

describe('parseOptions', () => {
  it('returns what the schema makes of the options', () => {
    const doubling: StandardSchema<unknown, number> = {
      '~standard': { validate: (value) => ({ value: Number(value) * 2 }) },
    }
    expect(parseOptions('x', doubling, 21)).toBe(42)
  })

  it('lists every problem with its path, under the name of what is configured', () => {
    const error = problemsOf([
      { message: 'must be a URL', path: ['url'] },
      { message: 'must be a non-empty string', path: ['accounts', 0, 'name'] },
      { message: 'must not be here', path: [{ key: 'groups' }, { key: 'extra' }] },
      { message: 'must be an object' },
    ])
    expect(error).toMatchObject({
      code: 'ERR_CONFIGURATION',
      message:
        'ldap_auth: url must be a URL; accounts[0].name must be a non-empty string; groups.extra must not be here; must be an object',
      problems: [
        { path: 'url', message: 'must be a URL' },
        { path: 'accounts[0].name', message: 'must be a non-empty string' },
        { path: 'groups.extra', message: 'must not be here' },
        { path: '', message: 'must be an object' },
      ],
    })
  })

  it('has words for unknown keys, and none for what else is wrong', () => {
    const error = unknownKeys({ url: 1, baseDn: 2 })
    expect(error({ code: 'unrecognized_keys', keys: ['uri', 'base'] })).toBe(
      'has no uri and no base; there are url, baseDn',
    )
    expect(error({ code: 'invalid_type' })).toBeUndefined()
  })

  it('refuses a schema that answers later', () => {
    const later: StandardSchema = { '~standard': { validate: async (value) => ({ value }) } }
    expect(() => parseOptions('x', later, {})).toThrow(TypeError)
  })
})
