import { describe, expect, it } from 'vitest'
import {
  AuthError,
  BackendUnavailableError,
  ConfigurationError,
  ConflictError,
  InvalidInputError,
  isBackendUnavailable,
  isConfigurationError,
  NotFoundError,
} from '../src/index.ts'

describe('errors', () => {
  const cause = new Error('ECONNREFUSED')

  it.each([
    [
      new BackendUnavailableError('database', 'is down', { cause }),
      'ERR_BACKEND_UNAVAILABLE',
      'BackendUnavailableError',
    ],
    [new ConfigurationError('auth', [], { cause }), 'ERR_CONFIGURATION', 'ConfigurationError'],
    [new ConflictError('taken', { cause }), 'ERR_CONFLICT', 'ConflictError'],
    [new NotFoundError('not there', { cause }), 'ERR_NOT_FOUND', 'NotFoundError'],
    [new InvalidInputError('too short', { cause }), 'ERR_INVALID_INPUT', 'InvalidInputError'],
  ])('%s has a code, a name and its cause', (error, code, name) => {
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject({ code, name, cause })
  })

  it('an outage names the backend and says when to try again', () => {
    const error = new BackendUnavailableError('database', 'is down')
    expect(error).toMatchObject({ backend: 'database', message: 'database: is down', retryAfterSeconds: 5 })
    expect(new BackendUnavailableError('x', 'y', { retryAfterSeconds: 30 }).retryAfterSeconds).toBe(30)
    expect(error).not.toHaveProperty('cause')
  })

  it('are told apart by code, so that a second installed copy is understood', () => {
    const copy = Object.assign(new Error('database: is down'), { code: 'ERR_BACKEND_UNAVAILABLE' })
    expect(isBackendUnavailable(copy)).toBe(true)
    expect(isBackendUnavailable(new ConflictError('x'))).toBe(false)
    expect(isBackendUnavailable({ code: 'ERR_BACKEND_UNAVAILABLE' })).toBe(false)
    expect(isBackendUnavailable(undefined)).toBe(false)
    expect(isConfigurationError(new ConfigurationError('x', []))).toBe(true)
    expect(isConfigurationError(copy)).toBe(false)
  })
})
