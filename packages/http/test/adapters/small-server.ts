/** Serves a house on a free port and prints its address. Run by descriptors.test.ts. */
import { serve } from '../../src/adapters/node.ts'
import { buildHouse } from '../house.ts'

const { url } = await serve(buildHouse().handler, { listen: '127.0.0.1:0' })
console.log(url)
