import { type AccessController, accessNeeded, type Needed } from '@lockkeeper/registry-token'
import { readAuthorization } from './presented.ts'
import { RequestError, unauthorized } from './request-error.ts'
import { textResponse } from './response.ts'
import type { Route } from './route.ts'

/** By this header clients know a registry. */
const API_VERSION = { 'Docker-Distribution-Api-Version': 'registry/2.0' }

/**
 * Serves `/v2/` of a server that has no registry behind it: the probe that `docker login` makes, guarded by an access
 * controller. Repositories below it do not exist, which only those learn who may see them.
 *
 * @see {@link https://github.com/opencontainers/distribution-spec/blob/main/spec.md#determining-support | OCI distribution: determining support}
 */
export function v2Endpoint(access: AccessController): readonly Route[] {
  const probe: Route['handle'] = async (request) => {
    await authorize(request, [])
    return textResponse('{}', { headers: API_VERSION })
  }
  return [
    { method: 'GET', path: '/v2/', handle: probe },
    { method: 'GET', path: '/v2', handle: probe },
    {
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      path: '/v2/*',
      async handle(request, { path, url }) {
        const route = accessNeeded(request.method, path, url.searchParams)
        if (route.outcome === 'bad_source') throw refusal(400, 'NAME_INVALID', 'from is not a repository name')
        if (route.outcome === 'needed') await authorize(request, route.needed)
        throw refusal(404, 'NAME_UNKNOWN', 'there is no registry behind this server')
      },
    },
  ]

  async function authorize(request: Request, needed: readonly Needed[]): Promise<void> {
    const verified = await access.authorize(readAuthorization(request.headers), needed)
    if (verified.outcome === 'granted') return
    throw unauthorized(verified.challenge, { reason: verified.reason, headers: API_VERSION })
  }
}

const refusal = (status: 400 | 404, code: 'NAME_INVALID' | 'NAME_UNKNOWN', message: string): RequestError =>
  new RequestError({ status, code, message, reason: code.toLowerCase(), headers: API_VERSION })
