import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalName, isUsablePassword } from '../src/index.ts'

const anyText = fc.string({ unit: 'binary', maxLength: 300 })
const nameLike = fc.string({
  unit: fc.constantFrom(...'aA1 ._-@éÉßſKΑΣσςİıﬀ①Ａｱ\u0345\u0301ϴ\u{1F130}'),
  maxLength: 24,
})

describe('LOG-04: the canonical form of a name', () => {
  it('is a fixed point: canon(canon(x)) = canon(x)', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, nameLike), (text) => {
        const canonical = canonicalName(text)
        if (canonical !== undefined) expect(canonicalName(canonical)).toBe(canonical)
      }),
      { numRuns: 5000 },
    )
  })

  it('is a fixed point, and holds nothing that is refused, for every code point there is', () => {
    const faults: string[] = []
    for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++) {
      const canonical = canonicalName(`a${String.fromCodePoint(codePoint)}a`)
      if (canonical !== undefined && canonicalName(canonical) !== canonical) faults.push(codePoint.toString(16))
    }
    expect(faults).toEqual([])
  })

  it('does not depend on how the sender normalised the text', () => {
    fc.assert(
      fc.property(nameLike, (text) => {
        const canonical = canonicalName(text)
        for (const form of ['NFC', 'NFD'] as const) expect(canonicalName(text.normalize(form))).toBe(canonical)
      }),
    )
  })

  it.each([
    ['Jane', 'jane'],
    ['JANE@EXAMPLE.ORG', 'jane@example.org'],
    ['ｊａｎｅ', 'jane'],
    ['jane doe', 'jane doe'],
    ['Jose\u0301', 'josé'],
    ['K\u212a', 'kk'],
    ['ﬀ', 'ff'],
    ['\u03f4', 'θ'],
    ['İ', 'i̇'],
    ['名前', '名前'],
    ['robot$ci', 'robot$ci'],
  ])('of %j is %j', (typed, canonical) => {
    expect(canonicalName(typed)).toBe(canonical)
  })
})

describe('LOG-03 and LOG-04: names that are refused, never mended', () => {
  it.each([
    ['empty', ''],
    ['leading space', ' jane'],
    ['trailing space', 'jane '],
    ['no-break space at the end', 'jane\u00a0'],
    ['ideographic space at the start', '\u3000jane'],
    ['a mark that decomposes into a leading space', '\u00a8jane'],
    ['NUL', 'jane\0'],
    ['line feed', 'ja\nne'],
    ['tab', 'ja\tne'],
    ['delete', 'jane\x7f'],
    ['C1 control', 'jane\x85'],
    ['zero width space', 'ja\u200bne'],
    ['soft hyphen', 'ja\u00adne'],
    ['right-to-left override', 'ja\u202ene'],
    ['byte order mark', '\ufeffjane'],
    ['line separator', 'ja\u2028ne'],
    ['paragraph separator', 'ja\u2029ne'],
    ['private use', 'jane\ue000'],
    ['tag', 'jane\u{e0061}'],
    ['noncharacter', 'jane\uffff'],
    ['unassigned', 'jane\u0378'],
    ['lone high surrogate', 'jane\ud800'],
    ['lone low surrogate', '\udc00jane'],
    ['256 code points', 'x'.repeat(256)],
    ['more than 255 code points only after normalising', '\ufdfa'.repeat(20)],
    ['a megabyte', 'x'.repeat(1 << 20)],
  ])('%s', (_what, typed) => {
    expect(canonicalName(typed)).toBeUndefined()
  })

  it('takes 255 code points, also outside the first plane', () => {
    expect(canonicalName('𝒳'.repeat(255))).toBe('x'.repeat(255))
    expect(canonicalName('😀'.repeat(255))).toBe('😀'.repeat(255))
    expect(canonicalName('😀'.repeat(256))).toBeUndefined()
  })

  it('never throws, and what it returns holds no code point that it refuses', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const canonical = canonicalName(text)
        if (canonical === undefined) return
        expect(canonical).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|^\s|\s$/u)
        expect([...canonical].length).toBeLessThanOrEqual(255)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('LOG-03: passwords that may be passed on', () => {
  it.each([
    ['one byte', 'x', true],
    ['spaces only', '   ', true],
    ['control characters, which a form can carry', 'a\tb\x01', true],
    ['1024 bytes', 'é'.repeat(512), true],
    ['empty', '', false],
    ['1025 bytes', `${'é'.repeat(512)}x`, false],
    ['1025 characters', 'x'.repeat(1025), false],
    ['NUL', 'a\0b', false],
    ['a lone surrogate', 'a\ud800', false],
  ])('%s: %s', (_what, password, usable) => {
    expect(isUsablePassword(password)).toBe(usable)
  })

  it('may be longer where the caller expects tokens', () => {
    expect(isUsablePassword('é'.repeat(1024), 2048)).toBe(true)
    expect(isUsablePassword('é'.repeat(1025), 2048)).toBe(false)
  })
})
