import * as z from 'zod'

/** An object that takes no other keys, and names those that it takes. */
export const section = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys' && Array.isArray(keys)
        ? `has no ${keys.join(' and no ')}; there are ${Object.keys(shape).join(', ')}`
        : undefined,
  })
