/**
 * Shares one read among all who ask for the same thing in one turn of the event loop. The read begins after the last of
 * them asked, so no answer is older than its question: this is no cache.
 */
export function askedTogether<T>(read: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const asked = new Map<string, Promise<T>>()
  return (key) => {
    const known = asked.get(key)
    if (known) return known
    const answer = new Promise((begin) => setImmediate(begin)).then(() => {
      asked.delete(key)
      return read(key)
    })
    asked.set(key, answer)
    return answer
  }
}
