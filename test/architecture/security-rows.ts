import { pathToFileURL } from 'node:url'
import { read, trackedFiles } from './sources.ts'

/** The rules that what stands here must keep. A test that proves one begins its title with the id. */
// biome-ignore format: a table is read by eye.
export const SECURITY_ROWS: Readonly<Record<string, string>> = {
  'LOG-01':  'unknown, wrong, disabled, deleted, external and frozen are answered with the same bytes at every door',
  'LOG-02':  'an unknown account costs the same work as a wrong password, whatever its length and age',
  'LOG-03':  'names and passwords outside their limits are refused before any backend sees them',
  'LOG-04':  'a name has one canonical form, which every key is made of',
  'LOG-05':  'a password is compared as received',
  'LOG-06':  'Basic credentials are parsed strictly, from exactly one header',
  'LOG-07':  'nothing else tells whether an account exists to somebody who may not list accounts',
  'LCK-01':  'a refused credential freezes for exactly 1500 ms',
  'LCK-02':  'the refusal is held for that long; a frozen attempt verifies nothing and extends nothing',
  'LCK-03':  'checking and reserving are one step before verification: parallel guesses cost one',
  'LCK-04':  'one right credential used by many at once is one verification, and no oracle for guesses',
  'LCK-05':  'all spellings and aliases of an account share one freeze',
  'LCK-06':  'every door shares the freeze',
  'LCK-07':  'only a refused credential freezes; an outage is 503 and counts as nothing',
  'LCK-08':  'a lockout is no weapon against the owner',
  'LCK-09':  'with escalation at most 100 guesses a day reach an account',
  'LCK-10':  'sources are counted as networks, and the overall rate of failures is watched',
  'LCK-11':  'memory is bounded, and a full table thaws nobody',
  'LCK-12':  'processes on one store act as one',
  'LCK-13':  'a store that is slow or gone leaves the freeze of each process',
  'LCK-14':  'a moved wall clock neither lengthens nor ends a freeze',
  'LCK-15':  'held answers are cheap, capped, and end with the process',
  'PWD-01':  'new hashes are argon2id with a floor; a weaker configuration does not start',
  'PWD-02':  'legacy rows verify in their three formats; anything else is denied',
  'PWD-03':  'a hash is upgraded at login by compare and swap',
  'PWD-04':  'stored parameters are bounded before they are used',
  'PWD-05':  'hashing is off the event loop, bounded in parallel and in queue',
  'PWD-06':  'an account of another mode has no local password',
  'PWD-07':  'no default password ships; sample values are refused',
  'LDP-01':  'an empty password is refused before any byte reaches the directory',
  'LDP-02':  'a name is a value in a filter, whatever it is made of',
  'LDP-03':  'a name is one value of a distinguished name, and a bind is a simple bind',
  'LDP-04':  'StartTLS is all or nothing: no byte from before the handshake survives it',
  'LDP-05':  'a password is bound on a connection of its own, once, never again and never in clear',
  'LDP-06':  'the certificate is checked for the configured name, or by one telling option not at all',
  'LDP-07':  'exactly one entry below the base is somebody; referrals are not followed',
  'LDP-08':  'result codes are sorted into refused and cannot tell; an answer fits its question',
  'LDP-09':  'time and bytes are bounded, and every path closes its connection',
  'LDP-10':  'an identity is one value of the entry that was searched; groups compare as parsed names',
  'UAA-01':  'bad credentials are refused only when the client of UAA proves itself right then',
  'UAA-02':  'the identity is what UAA says, never what was typed',
  'UAA-03':  'calls to UAA are verified, bounded and followed nowhere; a filter value is one quoted string',
  'APX-01':  'a token review lets in by a boolean, a name and a list of texts; a prefix is removed once',
  'APX-02':  'identity headers count from listed peers alone, in one spelling and once',
  'OID-01':  'code flow alone, with PKCE by S256 and a new verifier each time',
  'OID-02':  'state, nonce and verifier are one record of one browser, for one use within ten minutes',
  'OID-03':  'a value that is good for one thing opens nothing else',
  'OID-04':  'the issuer of a provider and of its responses is exactly the configured one',
  'OID-05':  'the signature of an ID token is always checked, by an algorithm from configuration',
  'OID-06':  'every claim of an ID token is checked, and userinfo is about the same subject',
  'OID-07':  'a person is the pair of issuer and subject, never a name or an address',
  'OID-08':  'a login comes back to the configured address, whatever a request says',
  'OID-09':  'after a login or a logout nobody is led to another site',
  'OID-10':  'tokens at rest open only in their place, unchanged and under their key',
  'OID-11':  'a grant is refreshed once at a time; a refusal ends it, an outage does not',
  'OID-12':  'keys come from the provider alone, are fetched at most once a minute, and serve on',
  'SES-01':  'a session has a new random id that nobody can plant, and is stored as a digest',
  'SES-02':  'cookies are for this host alone, and pages do without TLS on the machine itself alone',
  'SES-03':  'sessions end when idle, in the end, and at once when their account changes',
  'SES-04':  'only pages of ours change something, signing in included',
  'SES-05':  'pages run no script and show texts as texts; no secret is in an address',
  'MCH-01':  'secrets are generated, shown once, kept as digests, and freeze like passwords',
  'CHN-01':  'a refused credential ends the request, and so does an outage; neither falls through',
  'CHN-02':  'path rules use the decoded, normalised path, with boundaries',
  'CHN-03':  'authorization denies by default and is total',
  'CHN-04':  'roles and accounts are read per request, under the whole identity',
  'CHN-05':  'objects are bound to their project; input fields come from explicit lists',
  'ISS-01':  'granted is requested and allowed, for each resource',
  'ISS-02':  'a scope follows its grammar, and the name that was judged is the name that is signed',
  'ISS-03':  'scopes, actions, query and token have limits, checked before work',
  'ISS-04':  'a token has all its claims, and lives for minutes',
  'ISS-05':  'weak, sample and published signing keys are refused',
  'VER-01':  'algorithms come from configuration; one key, one algorithm',
  'VER-02':  'kid selects among configured keys by exact match',
  'VER-03':  'keys embedded in a token have no say without configured roots',
  'VER-04':  'required claims have the right type and range',
  'VER-05':  'size, encoding and duplicate members are checked before anything else',
  'VER-06':  'access is typed strictly and covers by exact match',
  'VER-07':  'results are cached under the whole token, bounded, or not at all',
  'VER-08':  'one kind of token is never taken for another',
  'TOK-01':  'wrong credentials are 401 even where every scope is public',
  'TOK-02':  'service is known and single; account decides nothing; repeated parameters are 400',
  'TOK-03':  'headers come from configuration; every answer has the shape that clients read',
  'HTTP-01': 'limits of time, size and number are set explicitly',
  'HTTP-02': 'one framing: ambiguous requests are 400 and closed',
  'HTTP-03': 'routes, hosts and methods are exact',
  'HTTP-04': 'security headers are on every answer',
  'JSX-01':  'nothing from outside becomes a key of a plain object',
  'JSX-02':  'every outside value is type-checked at the edge',
  'JSX-03':  'regular expressions are linear, or see a bounded text',
  'JSX-04':  'no input ends the process',
  'OBS-01':  'no secret is in any output',
  'OBS-02':  'each attempt leaves one audit record of a fixed shape',
  'OPS-02':  'a reload is atomic: a bad key or file changes nothing',
  'OPS-04':  'the start fails closed on unknown options and weak settings',
  'OPS-05':  'pools, queues and retries are bounded; a password check is never retried',
}

const ID = /\b(?:LOG|LCK|PWD|LDP|UAA|APX|OID|SES|MCH|CHN|ISS|VER|TOK|CLI|HTTP|JSX|OBS|SUP|OPS)-\d\d\b/g

/** Ids that a test file names in titles: in a text that begins with an id. Comments prove nothing. */
export function rowsNamedIn(source: string): ReadonlySet<string> {
  const code = source.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '')
  const titles = code.match(/(['"`])(?:[A-Z]{3,4}-\d\d[,: ][^\n]*?)\1\s*,/g) ?? []
  return new Set(titles.flatMap((title) => title.match(ID) ?? []))
}

/** Which test files name a row, for every row. */
export function testsByRow(): ReadonlyMap<string, readonly string[]> {
  const files = trackedFiles().filter((file) => file.endsWith('.test.ts') && !file.startsWith('test/architecture/'))
  const named = files.map((file) => ({ file, rows: rowsNamedIn(read(file)) }))
  return new Map(
    Object.keys(SECURITY_ROWS).map((id) => [id, named.filter(({ rows }) => rows.has(id)).map(({ file }) => file)]),
  )
}

/** `node test/architecture/security-rows.ts` prints which test proves which row. */
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [id, files] of testsByRow()) {
    console.log(`${id.padEnd(8)} ${SECURITY_ROWS[id]}`)
    for (const file of files.length === 0 ? ['no test'] : files) console.log(`         ${file}`)
  }
}
