import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { login, outcomeOf, problemsOf } from '../../../test/outcomes.ts'
import { temporaryFolder } from '../../../test/servers/temporary-folder.ts'
import { type HarborSettings, readHarborUaaSettings, type UaaAuthOptions, uaaAuth } from '../src/index.ts'
import { authOf, JANE, standIn } from './house.ts'

const OPTIONS: UaaAuthOptions = { url: 'https://uaa.example.com', clientId: 'registry', clientSecret: 's' }

describe('options', () => {
  it('are few', () => {
    expect(problemsOf(() => uaaAuth(OPTIONS))).toEqual([])
    expect(uaaAuth(OPTIONS)).toMatchObject({ mode: 'uaa_auth', claimsEveryName: true })
  })

  it('lists everything that is wrong with them', () => {
    const wrong = {
      url: 'http://uaa',
      clientId: '',
      scope: 'x',
      groups: ['a*b'],
      instance: 'EMEA',
      timeoutMs: 1,
    } as never
    const problems = problemsOf(() => uaaAuth(wrong))
    for (const path of ['url', 'clientId', 'clientSecret', 'groups[0]', 'instance', 'timeoutMs']) {
      expect(problems.some((problem) => problem.startsWith(`${path} `))).toBe(true)
    }
    expect(problems.join()).toContain('has no scope; there are instance, url, clientId, clientSecret, ')
  })

  it.each([
    ['http://uaa.example.com', /insecureAllowPlaintext/],
    ['uaa.example.com', /https URL/],
    ['https://id:secret@uaa.example.com', /must not hold credentials/],
    ['https://uaa.example.com/?zone=x', /query/],
  ])('refuses the URL %s', (url, message) => {
    expect(problemsOf(() => uaaAuth({ ...OPTIONS, url })).join()).toMatch(message)
  })

  it('find UAA below a path', async () => {
    const uaa = await standIn()
    await outcomeOf(login(authOf(uaa, { url: `${uaa.url}/uaa` }), 'jane', JANE.password))
    expect(uaa.requests[0]?.path).toBe('/uaa/oauth/token')
  })
})

describe('Harbor’s settings', () => {
  const HARBOR: HarborSettings = {
    auth_mode: 'uaa_auth',
    uaa_endpoint: 'uaa.example.com/',
    uaa_client_id: 'harbor',
    uaa_client_secret: 'secret',
    uaa_verify_cert: true,
  }

  it('are carried over', () => {
    expect(readHarborUaaSettings(HARBOR)).toEqual({
      url: 'https://uaa.example.com',
      clientId: 'harbor',
      clientSecret: 'secret',
    })
    expect(problemsOf(() => uaaAuth(readHarborUaaSettings(HARBOR)))).toEqual([])
  })

  it.each([
    ['https://uaa.example.com/uaa/', 'https://uaa.example.com/uaa'],
    ['HTTPS://uaa.example.com', 'https://uaa.example.com'],
    ['uaa:8443', 'https://uaa:8443'],
  ])('spell the endpoint %s', (endpoint, url) => {
    expect(readHarborUaaSettings({ ...HARBOR, uaa_endpoint: endpoint }).url).toBe(url)
  })

  it('verify certificates unless they say no', () => {
    expect(readHarborUaaSettings({ ...HARBOR, uaa_verify_cert: undefined })).not.toHaveProperty('tls')
    expect(readHarborUaaSettings({ ...HARBOR, uaa_verify_cert: 'False' })).toMatchObject({
      tls: { insecureSkipVerify: true },
    })
  })

  it('read the authority from the file that is named', async () => {
    const folder = await temporaryFolder()
    const file = join(folder.path, 'uaa_ca.pem')
    await writeFile(file, 'the authority')
    expect(readHarborUaaSettings({ ...HARBOR, UAA_CA_ROOT: file })).toMatchObject({ tls: { ca: 'the authority' } })
    await folder.remove()
    expect(problemsOf(() => readHarborUaaSettings({ ...HARBOR, UAA_CA_ROOT: file }))).toEqual([
      `UAA_CA_ROOT names ${file}, which cannot be read (ENOENT)`,
    ])
  })

  it('show plain HTTP as what it is', () => {
    expect(readHarborUaaSettings({ ...HARBOR, uaa_endpoint: 'http://uaa' })).toMatchObject({
      insecureAllowPlaintext: true,
    })
  })

  it('are refused together when they cannot be read, by their names', () => {
    const settings = { uaa_client_id: {}, uaa_client_secret: '<enc-v1>AAAA' }
    const problems = problemsOf(() => readHarborUaaSettings(settings))
    expect(problems).toEqual([
      'uaa_endpoint must not be empty',
      'uaa_client_secret is encrypted with a key of Harbor’s; put the secret itself here',
      'uaa_client_id must be a text, a number or a boolean',
      'uaa_client_id must not be empty',
    ])
  })
})
