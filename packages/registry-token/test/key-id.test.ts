import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { libtrustKeyId, publicJwk, thumbprint } from '../src/keys/key-id.ts'

const vectors: readonly { name: string; jwk: JsonWebKey; libtrust: string; thumbprint: string }[] = [
  {
    name: 'P-256, private number 7',
    jwk: {
      kty: 'EC',
      crv: 'P-256',
      x: 'jlM7b6C_e0YluzBmfAH7YH75-LioD-9bMAYocDGHsqM',
      y: 'c-sdveAzGDZtBp-DpvWQAFPHNjPLBBshxV4ahsH0ALQ',
    },
    libtrust: 'CEEG:MSON:HZOR:RERA:BJBA:BMLF:XPVF:ZH43:I7FI:G6JN:J6NB:54G4',
    thumbprint: 'ccgscWSOWNe7zfELCIRHTdb7JkVy_Eo2vg371C5rplY',
  },
  {
    name: 'P-256, private number 379, whose x starts with a zero byte',
    jwk: {
      kty: 'EC',
      crv: 'P-256',
      x: 'AFVDiUrz0A7X10Cr29dclrBod7eH219w7qeLkKjXwAo',
      y: 'u0yFo9jqKe-q-iRAaRLdhNWxTcMr9lbvbGvVil2UP5I',
    },
    libtrust: 'HVHZ:ST6I:F4OR:OPDN:GJXA:LYHY:X76T:LAWQ:RYP2:3CRU:GVAA:4U3A',
    thumbprint: '7Yxe6c_3bAa6kiaK1G-BZmi9EeNsUmlcbdnrtLeuK4E',
  },
  {
    name: 'P-256, the token documentation of Distribution',
    jwk: {
      kty: 'EC',
      crv: 'P-256',
      x: 'm7zUpx3b-zmVE5cymSs64POG9QcyEpJaYCD82-549_Q',
      y: 'dU3biz8sZ_8GPB-odm8Wxz3lNDr1xcAQQPQaOcr1fmc',
    },
    libtrust: 'PYYO:TEWU:V7JH:26JV:AQTZ:LJC3:SXVJ:XGHA:34F2:2LAQ:ZRMK:Z7Q6',
    thumbprint: '8qjioA3ZA7ti2JIE7c-U8smBFuZolQZvhSHDPU3hhB8',
  },
  {
    name: 'RSA, RFC 7638 section 3.1',
    jwk: {
      kty: 'RSA',
      e: 'AQAB',
      n:
        '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3' +
        'oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgd' +
        'AZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCu' +
        'r-kEgU8awapJzKnqDKgw',
    },
    libtrust: 'VUZD:EDHW:YWLN:RBFQ:KOA3:UVZ2:XKG5:2V2J:WTPI:6SRD:U6PZ:VCO5',
    thumbprint: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
  },
  {
    name: 'Ed25519, RFC 8037 appendix A.2',
    jwk: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
    libtrust: 'A3R7:3D62:FG5W:BK2Z:KV66:MHW3:BLWN:WIYR:GS7D:BZ23:IVPY:4G3Z',
    thumbprint: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  },
]

describe.each(vectors)('the key ids of $name', ({ jwk, libtrust, thumbprint: expected }) => {
  const key = createPublicKey({ key: jwk, format: 'jwk' })

  it('libtrust: twelve groups of base32 over the public key', () => {
    expect(libtrustKeyId(key)).toBe(libtrust)
  })

  it('RFC 7638: thumbprint over the members in the order of their names', () => {
    expect(thumbprint(key)).toBe(expected)
  })

  it('publishes exactly the members that make the key', () => {
    expect(publicJwk(key)).toEqual(jwk)
  })
})
