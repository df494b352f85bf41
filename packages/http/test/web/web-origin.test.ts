import { describe, expect, it } from 'vitest'
import { webOrigin, webRoutes } from '../../src/web/index.ts'
import { buildWebHouse } from './web-house.ts'

const problemOf = (externalUrl: string): string => {
  try {
    return webOrigin(externalUrl)
  } catch (error) {
    return String(error)
  }
}

describe('the URL that pages are served at', () => {
  it.each([
    ['https://auth.example.com', 'https://auth.example.com'],
    ['https://auth.example.com/', 'https://auth.example.com'],
    ['https://Auth.Example.com:443', 'https://auth.example.com'],
    ['https://auth.example.com:8443', 'https://auth.example.com:8443'],
    ['https://127.0.0.1', 'https://127.0.0.1'],
  ])('is an origin: %s', (externalUrl, origin) => {
    expect(webOrigin(externalUrl)).toBe(origin)
  })

  it.each([
    'http://localhost:8080',
    'http://auth.localhost',
    'http://127.0.0.1:8080',
    'http://127.1.2.3',
    'http://[::1]:8080',
  ])('SES-02: may do without TLS on the machine itself: %s', (externalUrl) => {
    expect(webOrigin(externalUrl)).toBe(externalUrl)
  })

  it.each([
    'http://auth.example.com',
    'http://10.0.0.1:8080',
    'http://0.0.0.0:8080',
    'http://[::]:8080',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'http://128.0.0.1',
  ])('SES-02: does not do without TLS anywhere else: %s', async (externalUrl) => {
    expect(problemOf(externalUrl)).toContain('must be https')
    const { parts } = await buildWebHouse()
    expect(() => webRoutes({ ...parts, externalUrl })).toThrow(expect.objectContaining({ code: 'ERR_CONFIGURATION' }))
  })

  it('has no path, and the error says what to do', () => {
    expect(problemOf('https://example.com/auth')).toContain('must have no path: the pages need a host of their own')
    expect(problemOf('https://example.com/auth')).toContain('web.enabled: false')
  })

  it.each([
    'auth.test',
    'ftp://auth.test',
    'https://a:b@auth.test',
    'https://auth.test?x=1',
    'https://auth.test/#x',
    '',
  ])('is the URL of a host: %j is none', (externalUrl) => {
    expect(problemOf(externalUrl)).toContain('must be the https URL of a host')
  })
})
