import { describe, expect, it } from 'vitest'
import { as, buildHouse, form, PASSWORD } from './house.ts'

const grant = `grant_type=password&username=jane&password=${encodeURIComponent(PASSWORD)}`

describe('TOK-02: polluted token requests', () => {
  it.each([
    'service=registry&service=registry',
    'service=registry&service=other',
    'service=&service=',
    'account=jane&account=root',
    'client_id=a&client_id=b',
    'offline_token=true&offline_token=false',
    'service=registry&%73ervice=other',
  ])('refuses the query %s with 400 and verifies nothing', async (query) => {
    const { ask, counting } = buildHouse()
    const response = await ask(`/service/token?${query}`, as('jane'))
    expect(response.status).toBe(400)
    expect(counting.counts.lookUps).toBe(0)
  })

  it.each([
    `${grant}&username=root`,
    `${grant}&password=other`,
    `${grant}&grant_type=password`,
    `${grant}&service=a&service=b`,
    `${grant}&access_type=online&access_type=offline`,
    `${grant}&refresh_token=a&refresh_token=b`,
    `${grant}&__proto__=x`,
    `${grant}&constructor=x`,
    `grant_type=password&username[]=jane&password[$ne]=x`,
    `grant_type=password&username.name=jane&password=x`,
  ])('refuses the form %s with 400 and verifies nothing', async (fields) => {
    const { ask, counting } = buildHouse()
    expect((await ask('/service/token', form(fields))).status).toBe(400)
    expect(counting.counts.lookUps).toBe(0)
  })

  it.each([
    'service=registry',
    'scope=repository:library/app:pull',
    'grant_type=password',
    'username=root',
    'account=jane',
  ])('refuses a form beside the query %s, so that neither can complete the other', async (query) => {
    const { ask, counting } = buildHouse()
    expect((await ask(`/service/token?${query}`, form(grant))).status).toBe(400)
    expect(counting.counts.lookUps).toBe(0)
  })

  it('keeps a query of the realm’s own beside a form', async () => {
    const { ask } = buildHouse()
    expect((await ask('/service/token?tenant=x', form(grant))).status).toBe(200)
  })

  it.each(['password=secret', 'refresh_token=secret', 'username=jane&password=secret&grant_type=password'])(
    'refuses secrets in the address: %s',
    async (query) => {
      const { ask } = buildHouse()
      for (const init of [{}, as('jane'), form(grant)]) {
        expect((await ask(`/service/token?${query}`, init)).status).toBe(400)
      }
    },
  )

  it('refuses a form beside an Authorization header', async () => {
    const { ask, counting } = buildHouse()
    const response = await ask('/service/token', form(grant, { authorization: 'Bearer abc' }))
    expect(response.status).toBe(400)
    expect(counting.counts.lookUps).toBe(0)
  })

  it('lets neither query nor body decide who is authenticated beside Basic', async () => {
    const { ask, audit } = buildHouse()
    await ask('/service/token?account=root&username=root', as('jane'))
    expect(audit.map(({ name }) => name)).toEqual(['jane', 'jane'])
  })
})
