import { expect, it } from 'vitest'
import * as z from 'zod'
import { configurationSchema } from '../src/config/schema.ts'

it('ships a JSON Schema that says what the server takes', async () => {
  const schema = z.toJSONSchema(configurationSchema, { io: 'input', unrepresentable: 'any' })
  const text = `${JSON.stringify({ title: 'lockkeeper.yaml', ...schema }, null, 2)}\n`
  // After a change of the configuration: npm test -- packages/server -u
  await expect(text).toMatchFileSnapshot('../lockkeeper.schema.json')
})
