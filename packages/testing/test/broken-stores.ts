import type { LockoutStore, Reservation } from '@lockkeeper/lockout'
import type { Entry, SampleStore } from './sample-store.ts'

/** Breaks a store that keeps the rules. */
export type BreakStore = (store: SampleStore) => void

type Reserve = LockoutStore['reserve']
type Settle = LockoutStore['settle']

const reserving =
  (change: (store: SampleStore, own: Reserve, ...args: Parameters<Reserve>) => Promise<Reservation>): BreakStore =>
  (store) => {
    const own = store.reserve.bind(store)
    store.reserve = (...args) => change(store, own, ...args)
  }

const answering = (change: (answer: Reservation, store: SampleStore, keys: readonly string[]) => Reservation) =>
  reserving(async (store, own, ...args) => change(await own(...args), store, args[0]))

const settling =
  (change: (store: SampleStore, own: Settle, ...args: Parameters<Settle>) => Promise<void>): BreakStore =>
  (store) => {
    const own = store.settle.bind(store)
    store.settle = (...args) => change(store, own, ...args)
  }

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

/** One fault each, and the one rule that it breaks. */
export const BROKEN_STORES: readonly (readonly [rule: string, what: string, breakIt: BreakStore])[] = [
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
    'ended by a success',
    settling(async (store, own, keys, holder, freezeMs, trace) => {
      await own(keys, holder, freezeMs, trace)
      if (freezeMs === 0) for (const key of keys) store.entry(key).frozenUntil = -1
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
  [
    'remembers failures for as long as told, and no longer',
    'for ever',
    (store) => {
      store.remembered = ({ failures }) => failures
    },
  ],
  [
    'tells the most failures of any of the keys',
    'those of the first',
    answering((answer, store, [first]) =>
      answer.outcome === 'granted' && first !== undefined
        ? { ...answer, failures: store.remembered(store.entry(first)) }
        : answer,
    ),
  ],
  [
    'keeps what it remembers when it is told nothing, and forgets when told that there are no failures',
    'told nothing, it forgets',
    settling((_store, own, keys, holder, freezeMs, trace) =>
      own(keys, holder, freezeMs, trace ?? { failures: 0, rememberMs: 0, source: '' }),
    ),
  ],
  [
    'keeps what it remembers when it is told nothing, and forgets when told that there are no failures',
    'it never forgets',
    settling((_store, own, keys, holder, freezeMs, trace) =>
      own(keys, holder, freezeMs, trace?.failures === 0 ? undefined : trace),
    ),
  ],
  [
    'lets a holder whose lease ran out raise a count, and neither lower nor end it',
    'anything goes',
    (store) => {
      const own = store.remember.bind(store)
      store.remember = (entry, freezeMs, trace) => own(entry, freezeMs, trace, true)
    },
  ],
  [
    'lets a holder whose lease ran out raise a count, and neither lower nor end it',
    'nothing goes',
    (store) => {
      const own = store.remember.bind(store)
      store.remember = (entry, freezeMs, trace, owns) => (owns ? own(entry, freezeMs, trace, owns) : undefined)
    },
  ],
  [
    'keeps a mark for as long as told, apart from freezes and reservations',
    'for ever',
    (store) => {
      store.isMarked = async (key) => store.marks.has(key)
    },
  ],
  [
    'keeps a mark for as long as told, apart from freezes and reservations',
    'as a freeze',
    (store) => {
      store.mark = async (key, forMs) => {
        store.marks.set(key, store.now + forMs)
        store.freeze(store.entry(key), forMs)
      }
    },
  ],
  [
    'lists the freezes that run, with what is known of them',
    'without the source',
    (store) => {
      const own = store.list.bind(store)
      store.list = async (limit) => (await own(limit)).map((freeze) => ({ ...freeze, source: '' }))
    },
  ],
  [
    'lists the freezes that run, with what is known of them',
    'since never',
    (store) => {
      const own = store.list.bind(store)
      store.list = async (limit) => (await own(limit)).map((freeze) => ({ ...freeze, sinceMs: 0 }))
    },
  ],
  [
    'lists no more freezes than asked for, those that end last first',
    'in another order',
    (store) => {
      const own = store.list.bind(store)
      store.list = async (limit) => (await own(Number.POSITIVE_INFINITY)).toReversed().slice(0, limit)
    },
  ],
  [
    'ends freezes and forgets failures when it is told to clear, and keeps reservations',
    'reservations too',
    (store) => {
      const own = store.clear.bind(store)
      store.clear = async (keys) => {
        await own(keys)
        for (const key of keys) store.entry(key).leaseEndsAt = -1
      }
    },
  ],
  [
    'ends freezes and forgets failures when it is told to clear, and keeps reservations',
    'failures stay',
    (store) => {
      store.clear = async (keys) => {
        for (const key of keys) store.entry(key).frozenUntil = -1
      }
    },
  ],
]
