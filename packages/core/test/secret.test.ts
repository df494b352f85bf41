import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Secret } from '../src/index.ts'

describe('OBS-01: a secret in a holder', () => {
  const secret = new Secret('hunter2')

  it.each([
    ['as text', () => `${secret}`],
    ['by String()', () => String(secret)],
    ['by concatenation', () => `bind ${secret} failed`],
    ['as JSON', () => JSON.stringify({ password: secret })],
    ['by inspect', () => inspect({ password: secret }, { depth: 9, showHidden: true })],
    ['by its keys', () => JSON.stringify([Object.entries(secret), { ...secret }, structuredClone({ ...secret })])],
    ['in an error', () => new Error(`refused: ${secret}`).stack ?? ''],
  ])('does not show %s', (_how, print) => {
    expect(print()).not.toContain('hunter2')
  })

  it('shows that something was left out', () => {
    expect([`${secret}`, JSON.stringify(secret), inspect(secret)]).toEqual(['[redacted]', '"[redacted]"', '[redacted]'])
  })

  it('is revealed where it is used', () => {
    expect(secret.reveal()).toBe('hunter2')
    expect(new Secret(Uint8Array.of(1, 2)).reveal()).toEqual(Uint8Array.of(1, 2))
  })
})
