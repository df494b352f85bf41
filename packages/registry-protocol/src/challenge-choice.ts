import { type Challenge, isAbsoluteHttpUrl } from './challenge.ts'

/** A Bearer challenge that a client can answer. The realm is well-formed; whether it is *safe* is not judged here. */
export interface BearerChallenge {
  readonly scheme: 'bearer'
  /** Absolute http(s) URL of the token endpoint, verbatim. */
  readonly realm: string
  readonly service?: string
  /** Scopes separated by spaces, verbatim; may be empty. */
  readonly scope?: string
  /** Why the presented token was refused; other words than those of RFC 6750 occur. */
  readonly error?: string
  readonly errorDescription?: string
}

/** A Basic challenge, RFC 7617. */
export interface BasicChallenge {
  readonly scheme: 'basic'
  readonly realm?: string
}

/** The challenge to answer, and those that were passed over. */
export interface ChallengeChoice {
  readonly chosen: BearerChallenge | BasicChallenge | undefined
  readonly others: readonly Challenge[]
}

/**
 * The first Bearer challenge whose realm is an absolute http(s) URL.
 *
 * Before credentials go there, a client must still check that the realm may have them: this only says that it is a URL.
 */
export function usableBearer(challenges: readonly Challenge[]): BearerChallenge | undefined {
  const found = challenges.find(isUsableBearer)
  return found && readBearer(found)
}

/**
 * Picks the one challenge to answer: the first usable Bearer, else the first Basic, never both.
 *
 * @returns `chosen` is `undefined` if there is nothing to answer; `others` keeps the rest, so that it can be reported.
 */
export function chooseChallenge(challenges: readonly Challenge[]): ChallengeChoice {
  const found = challenges.find(isUsableBearer) ?? challenges.find(isBasic)
  return { chosen: found && read(found), others: challenges.filter((challenge) => challenge !== found) }
}

const isUsableBearer = ({ scheme, params }: Challenge): boolean =>
  scheme === 'bearer' && isAbsoluteHttpUrl(params.get('realm') ?? '')

const isBasic = ({ scheme }: Challenge): boolean => scheme === 'basic'

const read = (challenge: Challenge): BearerChallenge | BasicChallenge =>
  challenge.scheme === 'bearer' ? readBearer(challenge) : readBasic(challenge)

function readBearer({ params }: Challenge): BearerChallenge {
  const service = params.get('service')
  const scope = params.get('scope')
  const error = params.get('error')
  const errorDescription = params.get('error_description')
  return {
    scheme: 'bearer',
    realm: params.get('realm') ?? '',
    ...(service !== undefined && { service }),
    ...(scope !== undefined && { scope }),
    ...(error !== undefined && { error }),
    ...(errorDescription !== undefined && { errorDescription }),
  }
}

function readBasic({ params }: Challenge): BasicChallenge {
  const realm = params.get('realm')
  return { scheme: 'basic', ...(realm !== undefined && { realm }) }
}
