import { describe, expect, it } from 'vitest'
import { problemsOf } from '../../../test/outcomes.ts'
import { type HarborSettings, type HttpAuthOptions, httpAuth, readHarborAuthProxySettings } from '../src/index.ts'
import { certificates } from './house.ts'

const OPTIONS: HttpAuthOptions = {
  endpoint: 'https://proxy.example.com/login',
  tokenReview: { url: 'https://proxy.example.com/apis/authentication.k8s.io/v1/tokenreviews' },
}

const problemsWith = (more: object) => problemsOf(() => httpAuth({ ...OPTIONS, ...more })).join('\n')

describe('options', () => {
  it('are few', () => {
    expect(httpAuth(OPTIONS)).toMatchObject({ mode: 'http_auth', claimsEveryName: true })
    const { endpoint: _, ...reviewsAlone } = OPTIONS
    expect(httpAuth(reviewsAlone)).not.toHaveProperty('claimsEveryName')
  })

  it('lists everything that is wrong with them', () => {
    const wrong = {
      endpoint: 'http://proxy.example.com',
      tokenReview: { url: 'https://a:b@proxy.example.com', apiVersion: 'v2', audiences: [] },
      tokenPrefix: 'tokenreview',
      trustedHeaders: { peers: ['10.0.0.0/33', 'proxy'], username: 'X_User', groups: 'Authorization' },
      subject: 'email',
      hostname: 'x',
    }
    const problems = problemsWith(wrong)
    for (const path of [
      'endpoint must be an https URL, or set insecureAllowPlaintext',
      'tokenReview.url must not hold credentials',
      'tokenReview.apiVersion',
      'tokenReview.audiences',
      'tokenPrefix',
      'trustedHeaders.peers[0]',
      'trustedHeaders.peers[1]',
      'trustedHeaders.username',
      'trustedHeaders.groups',
      'subject',
    ]) {
      expect(problems).toContain(path)
    }
    expect(problems).toContain('has no hostname; there are instance, endpoint, tokenReview, ')
    expect(problemsWith({ tls: { cert: 'x' }, browserLogin: { href: 'x' } })).toMatch(
      /browserLogin has no href; there are url.*tls has no cert; there are ca, certificate, key/s,
    )
  })

  it.each([
    ['an http URL', { endpoint: 'http://proxy.example.com' }, /endpoint must be an https URL/],
    [
      'a URL with a query',
      { tokenReview: { url: 'https://proxy.example.com/?a' } },
      /tokenReview.url must not have a query or fragment/,
    ],
    ['no URL', { browserLogin: { url: 'proxy' } }, /browserLogin.url must be an https URL/],
    ['a certificate that is none', { tls: { ca: 'x' } }, /tls.ca must be a PEM certificate/],
    ['an endpoint alone', { tokenReview: undefined }, /endpoint needs tokenReview/],
    ['everybody by uid', { subject: 'uid', assumeFound: true }, /assumeFound cannot be with subject uid/],
    ['headers by uid', { subject: 'uid', trustedHeaders: { peers: ['unix'], username: 'X-User' } }, /subject must be/],
  ])('refuse %s', (_, more, message) => {
    const { tokenReview, ...rest } = { ...OPTIONS, ...more }
    const given = { ...rest, ...(tokenReview && { tokenReview }) } as HttpAuthOptions
    expect(problemsOf(() => httpAuth(given)).join('\n')).toMatch(message)
  })

  it('refuse to be nothing', () => {
    expect(problemsOf(() => httpAuth({})).join()).toMatch(/tokenReview must be set, or trustedHeaders/)
  })

  it('keep insecure things behind their names', () => {
    expect(problemsWith({ endpoint: 'http://proxy.example.com', insecureAllowPlaintext: true })).toBe('')
  })
})

describe('Harbor’s settings', () => {
  const HARBOR: HarborSettings = {
    auth_mode: 'http_auth',
    http_authproxy_endpoint: 'https://proxy.example.com/login',
    http_authproxy_tokenreview_endpoint: 'https://proxy.example.com/review',
    http_authproxy_admin_groups: 'admins, operators',
    http_authproxy_admin_usernames: 'jane',
    http_authproxy_verify_cert: 'true',
    http_authproxy_skip_search: 'false',
    http_authproxy_server_certificate: certificates.cert,
  }

  it('are carried over, with the version of reviews that Harbor speaks', () => {
    expect(readHarborAuthProxySettings(HARBOR)).toEqual({
      endpoint: 'https://proxy.example.com/login',
      tokenReview: { url: 'https://proxy.example.com/review', apiVersion: 'v1beta1' },
      adminGroups: ['admins', 'operators'],
      adminUsernames: ['jane'],
      assumeFound: false,
      tls: { ca: certificates.cert.trim() },
    })
    expect(problemsOf(() => httpAuth(readHarborAuthProxySettings(HARBOR)))).toEqual([])
  })

  it('pin no certificate where none is verified, and show what that is', () => {
    const settings = { ...HARBOR, http_authproxy_verify_cert: false, http_authproxy_skip_search: true }
    expect(readHarborAuthProxySettings(settings)).toMatchObject({
      tls: { insecureSkipVerify: true },
      assumeFound: true,
    })
    const plain = { ...HARBOR, http_authproxy_endpoint: 'http://proxy/login' }
    expect(readHarborAuthProxySettings(plain)).toMatchObject({ insecureAllowPlaintext: true })
  })

  it('are refused together when they cannot be read, by their names', () => {
    const settings = { http_authproxy_endpoint: {}, http_authproxy_verify_cert: 'yes' }
    expect(problemsOf(() => readHarborAuthProxySettings(settings))).toEqual([
      'http_authproxy_endpoint must be a text, a number or a boolean',
      'http_authproxy_endpoint must not be empty',
      'http_authproxy_tokenreview_endpoint must not be empty',
      'http_authproxy_verify_cert must be true or false',
    ])
  })
})
