/** Asks a house whose language cannot be changed any more, and prints the statuses. Run by prototypes.test.ts. */
import { as, buildHouse, form, PASSWORD } from './house.ts'

for (const { prototype } of [Object, Array, Map, Set, Function, Promise, String, Headers, Request, Response, URL]) {
  Object.freeze(prototype)
}

const { ask } = buildHouse({ freezeMs: 0 })
const answers = await Promise.all([
  ask('/service/token', as('jane')),
  ask('/service/token', as('jane', 'wrong')),
  ask('/service/token'),
  ask('/service/token?scope=repository:library/app:pull'),
  ask('/service/token', form({ grant_type: 'password', username: 'jane', password: PASSWORD })),
  ask('/v2/'),
  ask('/nothing'),
  ask('/readyz'),
])
console.log(JSON.stringify(answers.map(({ status }) => status)))
