import { describe, expect, it } from 'vitest'
import { Hold } from '../src/hold.ts'

describe('the hold', () => {
  it('is the freeze while nothing is known', () => {
    expect(new Hold(1500).until(10)).toBe(1510)
  })

  it('adds the 95th percentile of the last 64 refused verifications', () => {
    const hold = new Hold(1500)
    for (let ms = 1; ms <= 64; ms += 1) hold.note(ms)
    expect(hold.until(0)).toBe(1500 + 61)
    for (let n = 0; n < 60; n += 1) hold.note(5)
    expect(hold.until(0)).toBe(1500 + 61)
    for (let n = 0; n < 4; n += 1) hold.note(5)
    expect(hold.until(0)).toBe(1500 + 5)
  })

  it('is not moved by one slow verification in twenty', () => {
    const hold = new Hold(1500)
    for (let n = 0; n < 64; n += 1) hold.note(n % 22 === 0 ? 9000 : 25)
    expect(hold.until(0)).toBe(1525)
  })

  it('lets no refusal leave before its own freeze is over', () => {
    const hold = new Hold(1500)
    expect(hold.untilRefused(1525, 10)).toBe(1525)
    expect(hold.untilRefused(1525, 900)).toBe(2400)
  })
})
