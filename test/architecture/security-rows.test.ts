import { describe, expect, it } from 'vitest'
import { rowsNamedIn, SECURITY_ROWS, testsByRow } from './security-rows.ts'

describe('security rules', () => {
  const tests = testsByRow()

  it.each(Object.entries(SECURITY_ROWS))('%s (%s) has a test that names it', (id) => {
    expect(tests.get(id), `no title begins with "${id}: "`).not.toEqual([])
  })

  it('are named by titles, not by comments or other texts', () => {
    const source = `
      describe('AAA-01: a group', () => {})
      it('LCK-01: one', () => {})
      it('LCK-02, LCK-03: two at once', async () => {})
      it.each(table)('PWD-01: a table of %s', () => {})
      it(\`PWD-02: \${made}\`, () => {})
      // it('VER-01: commented out', () => {})
      /** VER-02: a docstring */
      it('does VER-03 in passing', () => {})
    `
    expect([...rowsNamedIn(source)].sort()).toEqual(['LCK-01', 'LCK-02', 'LCK-03', 'PWD-01', 'PWD-02'])
  })
})
