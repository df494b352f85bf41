import { describe, expect, it } from 'vitest'
import { registryConfiguration } from '../src/keys/registry-configuration.ts'

const common = { realm: 'https://auth.example.com/service/token', service: 'my "registry"', issuer: 'lockkeeper' }

describe('registryConfiguration', () => {
  it('points both generations at the certificates for the style x5c', () => {
    const expected = `auth:
  token:
    realm: "https://auth.example.com/service/token"
    service: "my \\"registry\\""
    issuer: "lockkeeper"
    rootcertbundle: "/etc/distribution/lockkeeper.pem"
`
    expect(registryConfiguration({ ...common, registry: '2.8', headerStyle: 'x5c' })).toBe(expected)
    expect(registryConfiguration({ ...common, registry: '3.x', headerStyle: 'x5c' })).toBe(expected)
  })

  it('points 2.8 at the certificates and 3.x at the JWKS for the style kid-libtrust', () => {
    const printed = (registry: '2.8' | '3.x') =>
      registryConfiguration({
        ...common,
        registry,
        headerStyle: 'kid-libtrust',
        rootCertBundle: '/a.pem',
        jwks: '/b.json',
      })
    expect(printed('2.8')).toContain('    rootcertbundle: "/a.pem"\n')
    expect(printed('2.8')).not.toContain('jwks')
    expect(printed('3.x')).toContain('    jwks: "/b.json"\n')
    expect(printed('3.x')).not.toContain('rootcertbundle')
  })

  it.each(['kid-thumbprint', 'kid-custom'] as const)('says that 2.8 cannot verify the style %s', (headerStyle) => {
    expect(() => registryConfiguration({ ...common, registry: '2.8', headerStyle })).toThrow(/use x5c or kid-libtrust/)
    expect(registryConfiguration({ ...common, registry: '3.x', headerStyle })).toContain('jwks:')
  })
})
