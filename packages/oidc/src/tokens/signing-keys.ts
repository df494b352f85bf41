import type { Clock } from '@lockkeeper/core'
import type { OidcAuthSettings } from '../options.ts'
import { jsonAnswer } from '../provider/json-answer.ts'
import { KeptCopy } from '../provider/kept-copy.ts'
import type { ProviderMetadata } from '../provider/metadata.ts'
import type { ProviderFetch } from '../provider/provider-fetch.ts'
import { isJsonObject, type JsonObject } from '../refusal.ts'

const MAX_KEYS = 100
const PAUSE_MS = 60_000
/** A key that the provider withdrew must not live on here only because nobody logged in for a week. */
const WAIT_AFTER_MS = 3_600_000
const SMALLEST_RSA_BYTES = 256

/** A public key of the provider, bound to the one algorithm it verifies. */
export interface SigningKey {
  readonly kid?: string
  readonly alg: string
  readonly jwk: { readonly kty: string; readonly [member: string]: string }
}

/** What looking for a key found. `unsure`: not there, and it is too soon to ask the provider whether it is new. */
export type KeySearch = { readonly key: SigningKey } | { readonly missing: 'absent' | 'unfit' | 'unsure' }

/** The provider's signing keys. */
export interface SigningKeys {
  /** @throws {BackendUnavailableError} when there are no keys yet, or the key may be new and cannot be fetched. */
  find(alg: string, kid: string | undefined): Promise<KeySearch>
  /** @throws {BackendUnavailableError} when there are no keys yet and they cannot be fetched. */
  load(): Promise<void>
}

/**
 * Keeps the provider's keys. A key that is not among them has them fetched again, at most once a minute however many
 * tokens name unknown keys; the old keys serve on when that fails.
 */
export function signingKeys(parts: {
  readonly settings: OidcAuthSettings
  readonly metadata: KeptCopy<ProviderMetadata>
  readonly fetch: ProviderFetch
  readonly clock: Clock
  readonly onFailure: (error: unknown) => void
}): SigningKeys {
  const { settings, metadata, fetch, clock, onFailure } = parts
  const kept = new KeptCopy<readonly SigningKey[]>({
    clock,
    onFailure,
    refreshAfterMs: settings.refreshAfterSeconds * 1000,
    waitAfterMs: Math.max(WAIT_AFTER_MS, settings.refreshAfterSeconds * 1000),
    pauseMs: PAUSE_MS,
    async load() {
      const { jwks_uri } = await metadata.current()
      const answer = await fetch(jwks_uri, { headers: { accept: 'application/jwk-set+json, application/json' } })
      return readKeySet(jsonAnswer(settings.mode, 'the key set', answer), settings.algorithms)
    },
  })

  return {
    async find(alg, kid) {
      const found = select(await kept.current(), alg, kid)
      if (found !== 'absent') return toSearch(found)
      const newer = await kept.newer()
      return newer === undefined ? { missing: 'unsure' } : toSearch(select(newer, alg, kid))
    },
    async load() {
      await kept.current()
    },
  }
}

type Selected = SigningKey | 'absent' | 'unfit'

const toSearch = (found: Selected): KeySearch => (typeof found === 'string' ? { missing: found } : { key: found })

/** Exactly one key has to fit: trying several in turn would let a token choose its verifier. */
function select(keys: readonly SigningKey[], alg: string, kid: string | undefined): Selected {
  const named = kid === undefined ? keys : keys.filter((key) => key.kid === kid)
  const [key, ...more] = named.filter((each) => each.alg === alg)
  if (key !== undefined && more.length === 0) return key
  return named.length === 0 ? 'absent' : 'unfit'
}

/** The usable keys of a key set; others are passed over, since a provider may publish keys for other purposes. */
export function readKeySet(document: JsonObject, algorithms: readonly string[]): readonly SigningKey[] {
  const keys = Array.isArray(document.keys) ? document.keys.slice(0, MAX_KEYS) : []
  return keys.flatMap((key: unknown) => (isJsonObject(key) ? (readKey(key, algorithms) ?? []) : []))
}

function readKey(key: JsonObject, algorithms: readonly string[]): SigningKey | undefined {
  const { kid, use, key_ops } = key
  if (use !== undefined && use !== 'sig') return undefined
  if (Array.isArray(key_ops) && !key_ops.includes('verify')) return undefined
  const jwk = publicMembers(key)
  // A key that names no algorithm is bound to the first of ours that fits it.
  const alg = algorithms.find((each) => (key.alg ?? each) === each && fits(each, key))
  if (jwk === undefined || alg === undefined) return undefined
  return { alg, jwk, ...(typeof kid === 'string' && { kid }) }
}

const CURVES = new Map([
  ['ES256', 'P-256'],
  ['ES384', 'P-384'],
  ['ES512', 'P-521'],
  ['EdDSA', 'Ed25519'],
  ['Ed25519', 'Ed25519'],
])

function fits(alg: string, { kty, crv }: JsonObject): boolean {
  const curve = CURVES.get(alg)
  if (curve === undefined) return kty === 'RSA'
  return crv === curve && kty === (alg.startsWith('ES') ? 'EC' : 'OKP')
}

const MEMBERS = new Map([
  ['RSA', ['n', 'e']],
  ['EC', ['crv', 'x', 'y']],
  ['OKP', ['crv', 'x']],
])

function publicMembers(key: JsonObject): SigningKey['jwk'] | undefined {
  const { kty } = key
  const names = typeof kty === 'string' ? MEMBERS.get(kty) : undefined
  if (typeof kty !== 'string' || names === undefined) return undefined
  const members: Record<string, string> = {}
  for (const name of names) {
    const value = key[name]
    if (typeof value !== 'string') return undefined
    members[name] = value
  }
  if (kty === 'RSA' && Buffer.from(members.n ?? '', 'base64url').length < SMALLEST_RSA_BYTES) return undefined
  return Object.freeze({ kty, ...members })
}
