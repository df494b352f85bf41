import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import { toRequest } from '../../src/adapters/incoming.ts'

/** A message as something other than Node's parser may make it, such as a framework's own test client. */
const message = (rawHeaders: readonly string[]) =>
  ({ method: 'GET', url: '/x', httpVersion: '1.1', headers: {}, rawHeaders, socket: {} }) as unknown as IncomingMessage

it.each([
  ['a line break in a value', ['Host', 'a.test', 'X-A', 'b\r\nsesame: 1']],
  ['a value beyond Latin-1', ['Host', 'a.test', 'X-A', 'sesame \u{1f600}']],
  ['a name that is none', ['Host', 'a.test', 'X sesame', 'b']],
])('OBS-01: refuses %s without quoting it', (_, rawHeaders) => {
  try {
    toRequest(message(rawHeaders))
    expect.unreachable()
  } catch (error) {
    expect(error).toMatchObject({ status: 400, reason: 'bad_header' })
    expect(error).not.toHaveProperty('cause')
  }
})

it('knows a socket without addresses, and the scheme from the socket alone', () => {
  const request = toRequest(message(['Host', 'a.test:8080', 'X-Forwarded-Proto', 'https']))
  expect(request.url).toBe('http://a.test:8080/x')
})
