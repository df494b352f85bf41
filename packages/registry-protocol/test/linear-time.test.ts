import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../test/measure/cpu-time.ts'
import { parseChallenges } from '../src/challenge-parser.ts'
import { parseErrorBody } from '../src/error-body.ts'
import { parseRepositoryName } from '../src/repository-name.ts'
import { parseScope } from '../src/scope.ts'
import { parseScopeList } from '../src/scope-list.ts'
import { parseTokenResponse } from '../src/token-response.ts'

const KIB = 1024
const UNLIMITED = { maxScopes: 1e9, maxActions: 1e9, maxScopeBytes: 1e9, maxNameLength: 1e9 }

// biome-ignore format: one parser, one line
const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  'parseChallenges':                 (text) => parseChallenges(text),
  'parseChallenges in a parameter':  (text) => parseChallenges(`Bearer realm=${text}`.slice(0, text.length)),
  'parseChallenges in a quote':      (text) => parseChallenges(`Bearer realm="${text}`.slice(0, text.length)),
  'parseScope':                      (text) => parseScope(text),
  'parseScope without limits':       (text) => parseScope(text, UNLIMITED),
  'parseScope without limits, name': (text) => parseScope(`repository:${text}:pull`, UNLIMITED),
  'parseScope without limits, list': (text) => parseScope(`repository:app:${text}`, UNLIMITED),
  'parseScopeList':                  (text) => parseScopeList([text]),
  'parseScopeList without limits':   (text) => parseScopeList([text], UNLIMITED),
  'parseRepositoryName':             (text) => parseRepositoryName(text, 1e9),
  'parseRepositoryName with a host': (text) => parseRepositoryName(`ex.${text}/a`, 1e9),
  'parseTokenResponse':              (text) => parseTokenResponse(text),
  'parseTokenResponse, members':     (text) => parseTokenResponse(JSON.stringify({ token: 't', issued_at: text }).slice(0, 64 * KIB)),
  'parseErrorBody':                  (text) => parseErrorBody(text),
}

const PIECES = [
  '"',
  '\\',
  '\\"',
  ',',
  ' ',
  '\t',
  ', ',
  '=',
  'a',
  'a=',
  'a,',
  'a=b,',
  'a="b",',
  'a ',
  'a b ',
  ':',
  'a:',
  '::1',
  '/',
  'a/',
  '.',
  '-',
  '_',
  'a-',
  'a.',
  'a_',
  'A',
  'A-',
  '0',
  '(',
  'a(',
  'repository:a:pull ',
  'repository:a:pull,',
  'x:y:z ',
  '[',
  '{"a":',
  '\n',
  '\u00e9',
  '\ud83d',
]

describe('JSX-03: linear time', () => {
  // Twice the text costs twice the time if linear and four times if quadratic. Under 10 ms there is nothing to compare:
  // anything quadratic over 64 KiB takes longer than that.
  it.each(Object.entries(PARSERS))('%s takes 64 KiB of anything in proportion to 32 KiB', async (_, parse) => {
    for (const piece of PIECES) {
      const text = (length: number) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length)
      const [half, whole] = [text(32 * KIB), text(64 * KIB)]
      const wholeMs = await cpuMs(() => parse(whole))

      expect(wholeMs, JSON.stringify(piece)).toBeLessThan(250)
      if (wholeMs < 10) continue
      const ratios: number[] = []
      for (let round = 0; round < 5; round += 1) {
        ratios.push((await cpuMs(() => parse(whole))) / (await cpuMs(() => parse(half))))
      }
      // Noise may spoil one measurement, but a quadratic parser shows in all of them.
      expect(Math.min(...ratios), JSON.stringify(piece)).toBeLessThan(3.2)
    }
  })
})
