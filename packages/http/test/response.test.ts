import { describe, expect, it } from 'vitest'
import { textOf, textResponse } from '../src/response.ts'

describe('the text of an answer', () => {
  it('is known without its stream, which stays there to be read', async () => {
    const response = textResponse('péage')
    expect(textOf(response)).toBe('péage')
    expect([response.headers.get('content-length'), await response.text()]).toEqual(['6', 'péage'])
  })

  it('is not told of an answer that somebody began to read, or made otherwise', async () => {
    const read = textResponse('once')
    await read.text()
    expect(textOf(read)).toBeUndefined()
    expect(textOf(new Response('stream'))).toBeUndefined()
  })
})
