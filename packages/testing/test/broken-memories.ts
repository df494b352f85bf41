import { answering, type Fault, settling } from './break-store.ts'

/** Faults in what is remembered, marked, listed and cleared. */
export const BROKEN_MEMORIES: readonly Fault[] = [
  [
    'remembers failures for as long as told, and no longer',
    'for ever',
    (store) => {
      store.remembered = ({ failures }) => failures
    },
  ],
  [
    'remembers failures for as long as told, and no longer',
    'from the thaw on',
    (store) => {
      const own = store.remember.bind(store)
      store.remember = (entry, freezeMs, { rememberMs, ...trace }, owns) =>
        own(entry, freezeMs, { ...trace, rememberMs: freezeMs + rememberMs }, owns)
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
    'keeps a mark for as long as told, apart from freezes and reservations',
    'as at first',
    (store) => {
      store.mark = async (key, forMs) => {
        if (!store.marks.has(key)) store.marks.set(key, store.now + forMs)
      }
    },
  ],
  [
    'keeps a mark for as long as told, apart from freezes and reservations',
    'until its key is cleared',
    (store) => {
      const own = store.clear.bind(store)
      store.clear = async (keys) => {
        await own(keys)
        for (const key of keys) store.marks.delete(key)
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
    'only the first',
    (store) => {
      const own = store.clear.bind(store)
      store.clear = (keys) => own(keys.slice(0, 1))
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
