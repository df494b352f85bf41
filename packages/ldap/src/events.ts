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

/** Makes a listener that adds the mode, and that nothing can throw out of. */
export function quietly(mode: string, listener: LdapListener | undefined): (news: LdapNews) => void {
  return (news) => {
    try {
      listener?.({ mode, ...news } as LdapEvent)
    } catch {
      // A listener that throws must decide nothing.
    }
  }
}
