import type { AccessController, Needed } from '@lockkeeper/registry-token'
import { readAuthorization } from './presented.ts'
import { unauthorized } from './request-error.ts'
import { textResponse } from './response.ts'
import type { Route } from './route.ts'

/** By this header clients know a registry; it is on every answer below `/v2/`. */
const API_VERSION = { 'Docker-Distribution-Api-Version': 'registry/2.0' }

/**
 * Serves `/v2/` of a server that has no registry behind it: the probe that `docker login` makes, guarded by an access
 * controller. Whatever else is asked for below `/v2/` is not there, which only those learn who may know.
 *
 * @see {@link https://github.com/opencontainers/distribution-spec/blob/main/spec.md#determining-support | OCI distribution: determining support}
 */
export function v2Endpoint(access: AccessController): readonly Route[] {
  const probe = async (request: Request): Promise<Response> => {
    await authorize(request, [])
    return textResponse('{}', { headers: API_VERSION })
  }
  return [
    { method: 'GET', path: '/v2/', handle: probe },
    { method: 'GET', path: '/v2', handle: probe },
  ]

  async function authorize(request: Request, needed: readonly Needed[]): Promise<void> {
    const verified = await access.authorize(readAuthorization(request.headers), needed)
    if (verified.outcome === 'challenge') throw unauthorized(verified.challenge, verified.reason, API_VERSION)
  }
}
