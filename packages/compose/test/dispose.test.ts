import { memoryAccounts, silentAudit } from '@lockkeeper/core'
import { expect, it } from 'vitest'
import { container as rootContainer } from '../src/container.ts'
import { dispose } from '../src/dispose.ts'
import { compose, PARTS } from '../src/index.ts'

it('closes in the order given, passes over what cannot be closed, and tries all', async () => {
  const closed: string[] = []
  const sync = { [Symbol.dispose]: () => void closed.push('sync') }
  const broken = { [Symbol.asyncDispose]: async () => Promise.reject(new Error('stuck')) }
  const late = { [Symbol.asyncDispose]: async () => void closed.push('async') }
  await expect(dispose([sync, undefined, 7, broken, {}, late])).rejects.toThrow('stuck')
  expect(closed).toEqual(['sync', 'async'])
})

it('says so when several fail', async () => {
  const broken = { [Symbol.asyncDispose]: async () => Promise.reject(new Error('stuck')) }
  await expect(dispose([broken, broken])).rejects.toThrow(/several/)
})

it('leaves open what was handed in or registered: it is its maker’s to close', async () => {
  let closed = 0
  const closable = <T extends object>(part: T) =>
    Object.assign({ ...part }, { [Symbol.asyncDispose]: async () => void closed++ })
  const container = rootContainer.createChildContainer()
  container.register(PARTS.audit, { useValue: closable(silentAudit) })
  const server = compose({ container, accountStore: closable(memoryAccounts()) })
  expect(server.audit).toBeDefined()
  expect(server.accountStore).toBeDefined()
  await server[Symbol.asyncDispose]()
  expect(closed).toBe(0)
})

it('may be called twice', async () => {
  const server = compose({})
  expect(server.lockout).toBeDefined()
  await server[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})
