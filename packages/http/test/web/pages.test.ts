import { describe, expect, it } from 'vitest'
import { createHandler } from '../../src/index.ts'
import { webRoutes } from '../../src/web/index.ts'
import { STYLESHEET_PATH } from '../../src/web/static-files.ts'
import { buildWebHouse } from './web-house.ts'

const MAX_SIGN_IN_BYTES = 30_000
const CONNECTION = { peer: '192.0.2.7', tls: true }

describe('pages', () => {
  it.each(['/login', '/profile', '/logout', '/welcome'])(
    'SES-05: run no script, come from here alone, are not kept and not framed: %s',
    async (path) => {
      const { annsBrowser, provider, callbackFor } = await buildWebHouse()
      const hers = await annsBrowser()
      provider.onboarding = 'ask'
      if (path === '/welcome') await hers.get(await callbackFor(hers))
      const answer = path === '/login' ? await hers.get('/login?problem=expired') : await hers.get(path)
      expect(answer.status).toBe(200)
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy':
          "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      })
      const page = await answer.text()
      expect(page).not.toMatch(/<script|<style|javascript:|\son\w+=|\sstyle=|https?:/i)
      expect(page).toMatch(/^<!doctype html>\n<html lang="en">/)
      expect(page.match(/<h1/g)).toHaveLength(1)
    },
  )

  it.each(['/profil', '/auth/oidc_auth/nothing', '/pages/gone.css'])(
    'say so where nothing is, and lead back: %s',
    async (path) => {
      const { browser, log } = await buildWebHouse()
      const answer = await browser().get(path, { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' })
      expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
      const page = await answer.text()
      expect(page).toContain('There is nothing at this address.')
      expect(page).toContain('<a class="button strong" href="/">')
      expect(page).not.toContain(path)
      expect(log).toEqual([expect.objectContaining({ status: 404, reason: 'no_route' })])
    },
  )

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    'say to a program what they say without pages: %s',
    async (method) => {
      const { handler } = await buildWebHouse()
      const bare = createHandler({ routes: [], log: () => {} })
      const answers = [handler, bare].map(async (ask) => {
        const answer = await ask(new Request('https://auth.test/api/nothing', { method }), CONNECTION)
        const headers = [...answer.headers].filter(([name]) => name !== 'x-request-id')
        return [answer.status, headers, await answer.text()]
      })
      const [withPages, without] = await Promise.all(answers)
      expect(withPages).toEqual(without)
      expect(withPages?.[0]).toBe(404)
    },
  )

  it('weigh at most 30 kB when somebody signs in, stylesheet and picture included', async () => {
    const { browser } = await buildWebHouse()
    const page = await (await browser().get('/login')).text()
    const parts = [...page.matchAll(/(?:href|src)="(\/pages\/[^"]+)"/g)].map(([, path]) => path ?? '')
    const texts = await Promise.all([...new Set(parts)].map(async (path) => (await browser().get(path)).text()))
    expect(texts).toHaveLength(2)
    expect(Buffer.byteLength([page, ...texts].join(''))).toBeLessThanOrEqual(MAX_SIGN_IN_BYTES)
  })

  it('keep the stylesheet for good, under a name that changes with it', async () => {
    const { browser } = await buildWebHouse()
    const answer = await browser().get(STYLESHEET_PATH)
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(answer.headers.get('content-type')).toBe('text/css; charset=utf-8')
    expect(STYLESHEET_PATH).toMatch(/^\/pages\/[0-9a-f]{16}\.css$/)
  })

  it('say what to do when nobody can sign in', async () => {
    const { login: _, externalLogins: __, ...parts } = (await buildWebHouse()).parts
    const handler = createHandler({ routes: webRoutes(parts), log: () => {} })
    const answer = await handler(new Request('https://auth.test/login'), CONNECTION)
    expect(await answer.text()).toContain('Nobody can sign in here yet')
  })
})
