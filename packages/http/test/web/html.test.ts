import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { html } from '../../src/web/html.ts'

describe('SES-05: a template', () => {
  it('escapes whatever could begin a tag, end an attribute or be a reference', () => {
    expect(String(html`<p title="${`"'&<>`}">${'<script>'}</p>`)).toBe(
      '<p title="&quot;&#39;&amp;&lt;&gt;">&lt;script&gt;</p>',
    )
  })

  it('takes over markup, and lists of it, and leaves out nothing', () => {
    expect(String(html`<ul>${[html`<li>${1}</li>`, html`<li>&amp;</li>`]}${undefined}${false}</ul>`)).toBe(
      '<ul><li>1</li><li>&amp;</li></ul>',
    )
  })

  it('escapes texts inside lists', () => {
    expect(String(html`${['<', ['>']]}`)).toBe('&lt;&gt;')
  })

  it('shows every text as it is', () => {
    const asShown = (text: string) =>
      text.replace(
        /&(amp|lt|gt|quot|#39);/g,
        (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" })[name] ?? '',
      )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = String(html`${text}`)
        expect(escaped).not.toMatch(/[<>"']/)
        expect(asShown(escaped)).toBe(text)
      }),
    )
  })
})
