import type { Reservation } from '@lockkeeper/lockout'
import { answering, type BreakStore, type Fault, type Reserve, reserving, settling } from './break-store.ts'
import { BROKEN_MEMORIES } from './broken-memories.ts'
import type { Entry, SampleStore } from './sample-store.ts'

const isFree = (store: SampleStore, { frozenUntil, leaseEndsAt }: Entry) =>
  frozenUntil < store.now && leaseEndsAt <= store.now

/** Takes those of the keys that are free, although not all are. */
const takingSome = (outcome: Reservation['outcome']) =>
  answering((answer, store, keys) => {
    for (const entry of keys.map((key) => store.entry(key))) {
      if (answer.outcome === outcome && isFree(store, entry)) entry.leaseEndsAt = store.now + 60_000
    }
    return answer
  })

async function reservesInTwoSteps(
  store: SampleStore,
  own: Reserve,
  ...args: Parameters<Reserve>
): Promise<Reservation> {
  const [keys, holder, leaseMs] = args
  const entries = keys.map((key) => store.entry(key))
  if (!entries.every((entry) => isFree(store, entry))) return own(...args)
  await new Promise((resolve) => setImmediate(resolve))
  for (const entry of entries) Object.assign(entry, { holder, leaseEndsAt: store.now + leaseMs })
  return { outcome: 'granted', failures: Math.max(...entries.map((entry) => store.remembered(entry))) }
}

async function keepsTheFirstLease(
  store: SampleStore,
  own: Reserve,
  ...args: Parameters<Reserve>
): Promise<Reservation> {
  const held = args[0].map((key) => store.entry(key)).filter((entry) => !isFree(store, entry))
  const leases = held.map(({ leaseEndsAt }) => leaseEndsAt)
  const answer = await own(...args)
  for (const [index, entry] of held.entries()) entry.leaseEndsAt = leases[index] ?? entry.leaseEndsAt
  return answer
}

const extendsForThoseWhoAsk = (): BreakStore => {
  let asked = 0
  return answering((answer, store, keys) => {
    asked += answer.outcome === 'frozen' ? 1 : 0
    for (const entry of keys.map((key) => store.entry(key))) if (asked > 3) entry.frozenUntil = store.now + 1500
    return answer
  })
}

async function thawsAtTheLastInstant(store: SampleStore, own: Reserve, ...args: Parameters<Reserve>) {
  for (const entry of args[0].map((key) => store.entry(key)))
    if (entry.frozenUntil === store.now) entry.frozenUntil = -1
  return own(...args)
}

/** One fault each. */
export const BROKEN_STORES: readonly Fault[] = [
  [
    'grants what nobody holds, with no failures remembered',
    'failures out of nothing',
    answering((answer, _store, keys) =>
      answer.outcome === 'granted' && keys.length === 2 ? { ...answer, failures: answer.failures + 1 } : answer,
    ),
  ],
  [
    'calls a key busy while another holds it, and says for how long',
    'too soon',
    answering((answer) => (answer.outcome === 'busy' ? { ...answer, forMs: 1 } : answer)),
  ],
  [
    'calls a key busy while another holds it, and says for how long',
    'until the first is free',
    reserving(async (store, own, keys, holder, leaseMs) => {
      const answer = await own(keys, holder, leaseMs)
      if (answer.outcome !== 'busy') return answer
      const others = keys.map((key) => store.entry(key)).filter((entry) => entry.leaseEndsAt > store.now)
      return { ...answer, forMs: Math.min(...others.map(({ leaseEndsAt }) => leaseEndsAt - store.now)) }
    }),
  ],
  [
    'LCK-05: holds every key that it grants',
    'only the first',
    reserving(async (store, own, keys, ...rest) => {
      const answer = await own(keys, ...rest)
      if (answer.outcome === 'granted') for (const key of keys.slice(1)) store.entry(key).leaseEndsAt = -1
      return answer
    }),
  ],
  ['LCK-03: takes all keys or none', 'some of them', takingSome('busy')],
  ['LCK-03: grants a key to exactly one of many who ask at once', 'a look and a step', reserving(reservesInTwoSteps)],
  [
    'lets a holder reserve again what it holds, and starts its lease anew',
    'the first lease',
    reserving(keepsTheFirstLease),
  ],
  [
    'frees every key that is settled without a freeze',
    'only the first',
    settling((_store, own, keys, holder, freezeMs, trace) =>
      own(freezeMs === 0 ? keys.slice(0, 1) : keys, holder, freezeMs, trace),
    ),
  ],
  [
    'frees the keys of a holder that died when its lease ends, and not before',
    'a little later',
    reserving(async (store, own, ...args) => {
      const justDied = args[0].some((key) => {
        const { leaseEndsAt, holder } = store.entry(key)
        return holder !== '' && store.now - leaseEndsAt === 1
      })
      return justDied ? { outcome: 'busy', forMs: 1 } : own(...args)
    }),
  ],
  [
    'leaves a reservation alone that somebody else settles',
    'freed by anybody',
    settling(async (store, own, keys, ...rest) => {
      await own(keys, ...rest)
      if (rest[1] === 0) for (const key of keys) store.entry(key).leaseEndsAt = store.now
    }),
  ],
  [
    'LCK-01: freezes every key that is settled so, for exactly as long as told',
    'one tick less',
    reserving(thawsAtTheLastInstant),
  ],
  [
    'LCK-01: freezes every key that is settled so, for exactly as long as told',
    'only the first',
    settling(async (_store, own, keys, holder, freezeMs, trace) => {
      await own(keys.slice(0, 1), holder, freezeMs, trace)
      await own(keys.slice(1), holder, 0, trace)
    }),
  ],
  [
    'says for how long a key stays frozen',
    'not at all',
    answering((answer) => (answer.outcome === 'frozen' ? { ...answer, forMs: 0 } : answer)),
  ],
  [
    'says for how long a key stays frozen',
    'until the first thaws',
    answering((answer, store, keys) => {
      const ends = keys.map((key) => store.entry(key).frozenUntil - store.now).filter((forMs) => forMs >= 0)
      return answer.outcome === 'frozen' ? { ...answer, forMs: Math.min(...ends) } : answer
    }),
  ],
  ['LCK-02: does not freeze longer for those who ask meanwhile', 'longer', (store) => extendsForThoseWhoAsk()(store)],
  [
    'says frozen before busy',
    'busy first',
    answering((answer, store, keys) => {
      const isBusy = keys.some((key) => store.entry(key).leaseEndsAt > store.now)
      return answer.outcome === 'frozen' && isBusy && keys.length > 1 ? { outcome: 'busy', forMs: 1 } : answer
    }),
  ],
  ['takes no other key along with a frozen one', 'the other one', takingSome('frozen')],
  [
    'never shortens or ends a freeze that runs, whoever settles',
    'shortened',
    (store) => {
      store.freeze = (entry, freezeMs) => {
        Object.assign(entry, { frozenAt: store.now, frozenUntil: store.now + freezeMs })
      }
    },
  ],
  [
    'never shortens or ends a freeze that runs, whoever settles',
    'ended by a stranger',
    settling(async (store, own, keys, holder, freezeMs, trace) => {
      const others = keys.filter((key) => store.entry(key).holder !== holder)
      await own(keys, holder, freezeMs, trace)
      if (freezeMs === 0) for (const key of others) store.entry(key).frozenUntil = -1
    }),
  ],
  [
    'freezes for longer when a later refusal says so',
    'as long as at first',
    (store) => {
      const own = store.freeze.bind(store)
      store.freeze = (entry, freezeMs) => {
        if (entry.frozenUntil < store.now) own(entry, freezeMs)
      }
    },
  ],
  [
    'freezes for a holder whose lease ran out, and leaves the next holder its reservation',
    'thawed by the next holder',
    settling(async (store, own, keys, holder, freezeMs, trace) => {
      const held = keys.filter((key) => store.entry(key).holder === holder)
      await own(keys, holder, freezeMs, trace)
      if (freezeMs === 0) for (const key of held) store.entry(key).frozenUntil = -1
    }),
  ],
  [
    'freezes for a holder whose lease ran out, and leaves the next holder its reservation',
    'a late refusal lost',
    settling(async (store, own, keys, holder, freezeMs, trace) => {
      const owns = keys.every((key) => store.entry(key).holder === holder)
      await own(keys, holder, owns ? freezeMs : 0, trace)
    }),
  ],
  [
    'freezes for a holder whose lease ran out, and leaves the next holder its reservation',
    'the next reservation lost',
    settling(async (store, own, keys, holder, freezeMs, trace) => {
      await own(keys, holder, freezeMs, trace)
      if (freezeMs > 0) for (const key of keys) store.entry(key).leaseEndsAt = store.now
    }),
  ],
  ...BROKEN_MEMORIES,
]
