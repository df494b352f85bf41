import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../test/measure/cpu-time.ts'
import { Parameters } from '../src/parameters.ts'
import { readPresented } from '../src/presented.ts'
import { isCanonicalPath } from '../src/router.ts'
import { createSourceReader, foldAddress } from '../src/source.ts'

const K100 = 100 * 1024
const present = (headers: Record<string, string>) => readPresented(new Headers(headers), { sessionCookie: 'sid' })
const source = createSourceReader(['10.0.0.0/8'])

/** What makes a careless pattern or loop slow, 100 KiB of each. */
const WORST: Readonly<Record<string, () => unknown>> = {
  'a path of slashes': () => isCanonicalPath('/'.repeat(K100)),
  'a path of segments, wrong at the end': () => isCanonicalPath(`${'/a'.repeat(K100 / 2)}%`),
  'a path of one segment, wrong at the end': () => isCanonicalPath(`/${'a'.repeat(K100)}%`),
  'a path of dots': () => isCanonicalPath(`/${'.'.repeat(K100)}`),
  'a path of dot segments': () => isCanonicalPath('/..'.repeat(K100 / 3)),
  'Basic, wrong at the end': () => present({ authorization: `Basic ${'A'.repeat(K100)}!` }),
  'Bearer, wrong at the end': () => present({ authorization: `Bearer ${'a'.repeat(12_000)}!` }),
  'Bearer of equals signs': () => present({ authorization: `Bearer a${'='.repeat(12_000)}a` }),
  'a secret that is too long': () => present({ authorization: `Harbor-Secret ${'a'.repeat(K100)}` }),
  'a cookie of semicolons': () => present({ cookie: ';'.repeat(K100) }),
  'a cookie of blanks': () => present({ cookie: `a${' '.repeat(K100)}=b` }),
  'a form of ampersands': () => Parameters.parse('&'.repeat(K100)),
  'a form of equals signs': () => Parameters.parse('='.repeat(K100)),
  'a form of plus signs': () => Parameters.parse('+'.repeat(K100)),
  'a form of escapes': () => Parameters.parse('%41'.repeat(K100 / 3)),
  'a forwarded list of commas': () =>
    source(new Headers({ 'x-forwarded-for': ','.repeat(K100) }), { peer: '10.0.0.1', tls: false }),
  'an address of digits': () => foldAddress('1'.repeat(K100)),
  'an address of colons': () => foldAddress(`[${':'.repeat(K100)}]:1`),
  'an address of dots': () => foldAddress(`${'1.'.repeat(K100 / 2)}:x`),
}

describe('JSX-03: linear time', () => {
  it.each(Object.entries(WORST))('reads %s in under 50 ms', async (_, read) => {
    expect(await cpuMs(read)).toBeLessThan(50)
  })
})
