import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type House, makeHouse } from './house.ts'

let house: House
beforeEach(async () => {
  house = await makeHouse()
})
afterEach(() => house.remove())

describe('an external URL that pages cannot be served at', () => {
  it.each([
    ['https://example.com/auth', 'must have no path: the pages need a host of their own'],
    ['http://auth.example.com', 'must be https: without TLS the pages work on this machine alone'],
  ])('%s is found by check-config, and the server does not start', async (externalUrl, message) => {
    await house.configure(`externalUrl: ${externalUrl}\nlisten: 127.0.0.1:0\n`)
    const { code, stdout } = await house.run(['check-config'])
    expect(code).toBe(1)
    expect(stdout).toContain(`FAIL  pages: externalUrl ${message}`)
    const { code: served, stderr } = await house.run(['serve'])
    expect(served).not.toBe(0)
    expect(stderr).toContain(`externalUrl ${message}`)
  })

  it.each(['https://example.com/auth', 'http://auth.example.com'])('%s does without them', async (externalUrl) => {
    await house.configure(`externalUrl: ${externalUrl}\nweb: { enabled: false }\n`)
    expect(await house.run(['check-config'])).toMatchObject({ code: 0, stdout: expect.not.stringContaining('pages') })
  })
})
