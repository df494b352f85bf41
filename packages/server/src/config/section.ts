import { unknownKeys } from '@lockkeeper/core'
import * as z from 'zod'

/** An object that takes no other keys, and names those that it takes. */
export const section = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, { error: unknownKeys(shape) })
