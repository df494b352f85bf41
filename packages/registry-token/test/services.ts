import { beforeAll } from 'vitest'
import type { TokenAnswer, TokenService } from '../src/issue/contract.ts'
import type { ServiceOptions } from '../src/issue/options.ts'
import { createTokenService } from '../src/issue/token-service.ts'
import { generateKeys } from '../src/keys/generate.ts'
import type { SigningKeys } from '../src/keys/signing-keys.ts'
import { stoppedClock } from './clock.ts'
import { NOW } from './forge.ts'

/** Token services of one test file: they share keys, and their clock stands at `NOW`. */
export function testServices() {
  let keys: SigningKeys | undefined
  beforeAll(async () => {
    keys = await generateKeys({ algorithms: ['ES256', 'RS256'], rsaBits: 2048, clock: stoppedClock(NOW) })
  })
  const theirKeys = (): SigningKeys => {
    if (!keys) throw new Error('keys are made before the first test')
    return keys
  }
  const serviceWith = (services: Record<string, ServiceOptions>, nowMs = NOW): TokenService =>
    createTokenService({ issuer: 'lockkeeper', services, keys: theirKeys(), clock: stoppedClock(nowMs) })
  return {
    keys: theirKeys,
    serviceWith,
    one: (options: ServiceOptions = {}, nowMs = NOW) => serviceWith({ 'my-registry': options }, nowMs),
  }
}

/** The answer, if it is a token. */
export function issued(answer: TokenAnswer): Extract<TokenAnswer, { outcome: 'issued' }> {
  if (answer.outcome !== 'issued') throw new Error(`refused: ${answer.reason}`)
  return answer
}

export const pull = ['repository:team/app:pull']
export const push = ['repository:team/app:pull,push']
