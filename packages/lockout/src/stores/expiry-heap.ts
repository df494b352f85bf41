/** What a heap orders: the heap keeps `slot` up to date, the owner sets `dueAt` and calls `moved`. */
export interface Due {
  dueAt: number
  slot: number
}

/** A binary heap: what is due first is on top, and any item can be moved or removed in logarithmic time. */
export class ExpiryHeap<T extends Due> {
  readonly #items: T[] = []

  get top(): T | undefined {
    return this.#items[0]
  }

  add(item: T): void {
    item.slot = this.#items.push(item) - 1
    this.#rise(item)
  }

  /** To be called after the item's `dueAt` was changed. */
  moved(item: T): void {
    this.#rise(item)
    this.#sink(item)
  }

  remove(item: T): void {
    const last = this.#items.pop()
    if (last === undefined || last === item) return
    this.#put(last, item.slot)
    this.moved(last)
  }

  #rise(item: T): void {
    while (item.slot > 0) {
      const parent = this.#items[(item.slot - 1) >> 1]
      if (parent === undefined || parent.dueAt <= item.dueAt) return
      this.#swap(item, parent)
    }
  }

  #sink(item: T): void {
    for (;;) {
      const left = this.#items[2 * item.slot + 1]
      const right = this.#items[2 * item.slot + 2]
      const child = right !== undefined && left !== undefined && right.dueAt < left.dueAt ? right : left
      if (child === undefined || child.dueAt >= item.dueAt) return
      this.#swap(item, child)
    }
  }

  #swap(a: T, b: T): void {
    const slot = a.slot
    this.#put(a, b.slot)
    this.#put(b, slot)
  }

  #put(item: T, slot: number): void {
    this.#items[slot] = item
    item.slot = slot
  }
}
