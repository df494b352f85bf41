import { createHash } from 'node:crypto'
import { textResponse } from '../response.ts'
import type { Route } from '../route.ts'
import { STYLESHEET } from './stylesheet.ts'

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b5cad"/><path d="M10.5 14v-3.5a5.5 5.5 0 0 1 11 0V14" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/><rect x="8" y="14" width="16" height="11.5" rx="2.5" fill="#fff"/><path d="M16 18.2v3" stroke="#0b5cad" stroke-width="2.6" stroke-linecap="round"/></svg>
`

/** A name changes with what it names, so that browsers may keep the file for good. */
const named = (content: string, ending: string): string =>
  `/pages/${createHash('sha256').update(content).digest('hex').slice(0, 16)}.${ending}`

/** Where the stylesheet of all pages is. */
export const STYLESHEET_PATH: string = named(STYLESHEET, 'css')
/** Where the picture of all pages is. */
export const ICON_PATH: string = named(ICON, 'svg')

/** Serves what pages need beside themselves. */
export const staticFiles = (): readonly Route[] => [
  file(STYLESHEET_PATH, STYLESHEET, 'text/css; charset=utf-8'),
  file(ICON_PATH, ICON, 'image/svg+xml'),
]

const file = (path: string, content: string, contentType: string): Route => ({
  method: 'GET',
  path,
  handle: async () =>
    textResponse(content, { contentType, headers: { 'Cache-Control': 'public, max-age=31536000, immutable' } }),
})
