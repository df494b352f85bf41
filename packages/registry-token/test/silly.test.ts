import { describe, expect, it } from 'vitest'
import { sillyAccessController } from '../src/verify/silly.ts'

const needed = [
  { type: 'repository', name: 'a/b', action: 'pull' },
  { type: 'repository', name: 'a/b', action: 'push' },
  { type: 'repository', name: 'c/d', action: 'pull' },
]
const controller = sillyAccessController({ realm: 'not a URL', service: 'silly' })

describe('sillyAccessController', () => {
  it('lets anybody in who sends anything', async () => {
    expect(await controller.authorize('x', needed)).toMatchObject({ outcome: 'granted', subject: 'silly' })
  })

  it('names every record in a scope of its own', async () => {
    for (const authorization of [undefined, '']) {
      expect(await controller.authorize(authorization, needed)).toEqual({
        outcome: 'challenge',
        challenge:
          'Bearer realm="not a URL",service="silly",scope="repository:a/b:pull repository:a/b:push repository:c/d:pull"',
        reason: 'no_token',
      })
    }
  })

  it('names no scope where nothing is needed', async () => {
    expect(await controller.authorize(undefined, [])).toMatchObject({
      challenge: 'Bearer realm="not a URL",service="silly"',
    })
  })
})
