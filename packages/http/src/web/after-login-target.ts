/** Where people go who asked for nothing, or for something that is not ours. */
const HOME = '/'
const MAX_LENGTH = 2048
// Browsers drop tabs and line ends, and read a backslash as a slash; a second slash begins a host.
const REFUSED = /[\\\s\p{Cc}\p{Cf}\p{Cs}]/u
const ONE_SLASH = /^\/(?!\/)/

/**
 * Where a browser goes after a login or a logout: the path that was asked for if it is one of ours, else `/`. Every
 * redirect to an address that came with a request goes through here.
 *
 * @param text Whatever the request said.
 * @param ownOrigin `https://auth.example.com`, from configuration.
 * @returns Path, query and fragment in the spelling of the URL standard; they begin with exactly one slash.
 * @see {@link https://url.spec.whatwg.org/#url-parsing | URL standard: parsing}
 */
export function afterLoginTarget(text: string | undefined, ownOrigin: string): string {
  if (text === undefined || text.length > MAX_LENGTH || REFUSED.test(text) || !ONE_SLASH.test(text)) return HOME
  const url = URL.parse(text, ownOrigin)
  if (url === null || url.origin !== new URL(ownOrigin).origin) return HOME
  const target = `${url.pathname}${url.search}${url.hash}`
  // Dot segments go away while parsing: of `/.//other.example` a path remains that begins with a host.
  return ONE_SLASH.test(target) && target.length <= MAX_LENGTH ? target : HOME
}
