import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../test/measure/cpu-time.ts'
import { MAX_ISSUED_TOKEN_BYTES } from '../src/issue/token-service.ts'
import { adminContext, policyContext } from './context.ts'
import { testServices } from './services.ts'

const { one } = testServices()

describe('ISS-03: limits', () => {
  const refusal = async (scopes: readonly string[], context = adminContext()) => {
    const answer = await one().issue({ scopes, context })
    return answer.outcome === 'refused' ? { status: answer.status, reason: answer.reason } : undefined
  }
  const many = (count: number, actions = 'pull') =>
    Array.from({ length: count }, (_, i) => `repository:team/app${i}:${actions}`)
  const actions = (count: number) => Array.from({ length: count }, (_, i) => `a${i}`).join(',')

  it('one hundred scopes, however they are packed', async () => {
    expect(await refusal(many(100), policyContext([]))).toBeUndefined()
    expect(await refusal(many(101), policyContext([]))).toEqual({ status: 400, reason: 'too_many_scopes' })
    expect(await refusal([many(101).join(' ')], policyContext([]))).toEqual({ status: 400, reason: 'too_many_scopes' })
  })

  it('sixteen actions for a scope', async () => {
    expect(await refusal([`repository:team/app:${actions(16)}`])).toBeUndefined()
    expect(await refusal([`repository:team/app:${actions(17)}`])).toEqual({ status: 400, reason: 'too_many_actions' })
  })

  it('512 bytes for a scope', async () => {
    expect(await refusal([`repository:team/app:${'a'.repeat(512 - 20)}`])).toBeUndefined()
    expect(await refusal([`repository:team/app:${'a'.repeat(512 - 19)}`])).toMatchObject({ reason: 'scope_too_long' })
  })

  it('6 KiB for a token: the largest one that fits is issued, one more repository is 400', async () => {
    const sizes: number[] = []
    for (let count = 1; count <= 100; count++) {
      const answer = await one().issue({ scopes: many(count, 'pull,push,delete'), context: adminContext() })
      if (answer.outcome === 'refused') {
        expect(answer).toMatchObject({ status: 400, reason: 'token_too_large' })
        break
      }
      sizes.push(answer.token.length)
    }
    expect(sizes.length).toBeGreaterThan(30)
    expect(sizes.length).toBeLessThan(100)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_ISSUED_TOKEN_BYTES)
  })

  it('takes under 20 ms to refuse a megabyte of scopes', async () => {
    const service = one()
    const megabyte = ['repository:a/b:pull '.repeat(52_000), `${'a:'.repeat(500_000)}`]
    const issue = () => service.issue({ scopes: megabyte, context: adminContext() })
    expect(await issue()).toMatchObject({ status: 400 })
    expect(await cpuMs(issue)).toBeLessThan(20)
  })
})

describe('a request that is not well-formed', () => {
  it.each([
    'repository:team/app:latest:pull',
    'repository:ex.com:port/app:pull',
    'repository:Team/App:pull',
    'repository:team//app:pull',
    'repository:/team/app:pull',
    'repository:team/app/:pull',
    'repository:a___b:pull',
    'repository:-app:pull',
    'repository:team/*:pull',
    'repository:a/b:pull,repository:c/d:pull',
    'Repository:team/app:pull',
    'repository(:team/app:pull',
    ':team/app:pull',
    'repository:pull',
    `repository:${'a'.repeat(256)}:pull`,
    'repository:[::1]:5000/app:pull',
    'repository:team/../admin:pull',
    'repository:team/%61pp:pull',
    'repository:team/äpp:pull',
  ])('is refused as a whole with 400: %s', async (scope) => {
    const context = policyContext([])
    expect(await one().issue({ scopes: ['repository:team/app:pull', scope], context })).toMatchObject({
      outcome: 'refused',
      status: 400,
      code: 'NAME_INVALID',
    })
    expect(context.asked).toEqual([])
  })
})
