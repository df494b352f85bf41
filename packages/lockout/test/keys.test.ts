import { describe, expect, it } from 'vitest'
import { createAttemptDigest, lockKey, subjectDigest } from '../src/keys.ts'

describe('lockKey', () => {
  it('is 43 base64url characters, whatever the name', () => {
    for (const name of ['', 'jane', 'x'.repeat(100_000), '\ud800', '日本']) {
      expect(lockKey({ space: 'people', name })).toMatch(/^[\w-]{43}$/)
      expect(lockKey({ space: 'people', name }, 'a lane')).toMatch(/^[\w-]{43}$/)
    }
  })

  it('is the same in every process', () => {
    expect(lockKey({ space: 'people', name: 'jane' })).toBe('_h9yhLEslY6EqJ41Zs663MymxR2XY7i1AAAAAAAAAAA')
  })

  it('tells names, accounts, spaces and lanes apart', () => {
    const keys = [
      lockKey({ space: 'people', name: 'a' }),
      lockKey({ space: 'people', account: 'a' }),
      lockKey({ space: 'robots', name: 'a' }),
      lockKey({ space: 'people","name","a', name: '' }),
      lockKey({ space: 'people', name: 'a' }, 'lane 1'),
      lockKey({ space: 'people', name: 'a' }, 'lane 2'),
    ]
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('begins with the subject in every lane', () => {
    const jane = { space: 'people', name: 'jane' }
    expect(lockKey(jane).startsWith(subjectDigest(jane))).toBe(true)
    expect(lockKey(jane, 'a lane').startsWith(subjectDigest(jane))).toBe(true)
  })
})

describe('createAttemptDigest', () => {
  it('LCK-04: recognises equal attempts in one process, and in no other', () => {
    const attempt = { space: 'people', name: 'jane', secret: 'right' }
    const digest = createAttemptDigest()
    expect(digest(attempt)).toBe(digest({ ...attempt }))
    expect(digest(attempt)).not.toBe(digest({ ...attempt, secret: 'wrong' }))
    expect(digest({ ...attempt, name: 'jan', secret: 'eright' })).not.toBe(digest(attempt))
    expect(createAttemptDigest()(attempt)).not.toBe(digest(attempt))
  })
})
