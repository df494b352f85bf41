/** Something an operator should know. It never holds a secret, nor a name that nobody is known by. */
export type LdapEvent = { readonly mode: string; readonly message: string } & (
  | { readonly type: 'insecure' }
  | { readonly type: 'server_down' | 'server_up'; readonly server: string }
  | { readonly type: 'ambiguous_name' | 'unusable_entry'; readonly name: string }
  | { readonly type: 'too_many_groups'; readonly name: string }
)

/** Takes events. What it throws is dropped: telling decides nothing. */
export type LdapListener = (event: LdapEvent) => void

/** An event before the mode is known; see {@link LdapEvent}. */
export type LdapNews = LdapEvent extends infer Event ? (Event extends LdapEvent ? Omit<Event, 'mode'> : never) : never

const A_MINUTE_MS = 60_000
const MOST_NAMES = 100

/**
 * Makes a listener that adds the mode, and that nothing can throw out of. What is said of a name is said once a minute,
 * and of a hundred names at most: whoever knocks at such a name again and again must not fill the log.
 *
 * @param now Milliseconds that never jump.
 */
export function quietly(
  mode: string,
  listener: LdapListener | undefined,
  now: () => number = () => performance.now(),
): (news: LdapNews) => void {
  const told = new Set<string>()
  let since = now()
  const isRepetition = (key: string): boolean => {
    if (now() - since >= A_MINUTE_MS) {
      told.clear()
      since = now()
    }
    if (told.has(key) || told.size >= MOST_NAMES) return true
    told.add(key)
    return false
  }
  return (news) => {
    if ('name' in news && isRepetition(`${news.type} ${news.name}`)) return
    try {
      listener?.({ mode, ...news } as LdapEvent)
    } catch {
      // A listener that throws must decide nothing.
    }
  }
}
