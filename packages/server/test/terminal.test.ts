import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readText, table } from '../src/terminal.ts'

const read = (...chunks: readonly Uint8Array[]) => readText(Readable.from(chunks))

describe('standard input', () => {
  it('is read to its end, also where a character is cut in two', async () => {
    const bytes = Buffer.from('päss')
    expect(await read(bytes.subarray(0, 2), bytes.subarray(2))).toBe('päss')
    expect(await read()).toBe('')
    expect(await read(Buffer.alloc(65_536, 'a'))).toHaveLength(65_536)
  })

  it('is refused with what to do where it is too long or no text', async () => {
    await expect(read(Buffer.alloc(65_537, 'a'))).rejects.toMatchObject({
      code: 'ERR_INVALID_INPUT',
      message: 'standard input has more than 64 KiB: send what is asked for alone',
    })
    await expect(read(Buffer.from([0xff, 0xfe, 0x61]))).rejects.toMatchObject({
      code: 'ERR_INVALID_INPUT',
      message: 'standard input is no UTF-8: convert it, or type it in',
    })
  })
})

it('a table has columns as wide as what is in them', () => {
  expect(
    table(
      ['ID', 'NAME'],
      [
        ['1', 'a'],
        ['1000', ''],
      ],
    ),
  ).toBe('ID    NAME\n1     a\n1000\n')
})
