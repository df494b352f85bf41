import 'reflect-metadata/lite'
import { AUTHENTICATOR, compose, PARTS } from '@lockkeeper/compose'
import {
  type AuditEvent,
  type Authenticator,
  abstained,
  authenticated,
  type LoginName,
  rejected,
} from '@lockkeeper/core'
import { generateKeys } from '@lockkeeper/registry-token/keys'
import { inject, injectable, container as root, singleton } from 'tsyringe'

/** Who works here: yours to keep wherever you like. */
@singleton()
class Staff {
  readonly codes = new Map([['ann', 'sesame']])
}

/** An auth mode as a class, with what it needs injected. */
@injectable()
class StaffAuth implements Authenticator {
  readonly mode = 'staff_auth'
  private readonly staff: Staff

  constructor(@inject(Staff) staff: Staff) {
    this.staff = staff
  }

  async lookUp({ typed }: LoginName) {
    const { mode } = this
    const code = this.staff.codes.get(typed)
    if (code === undefined) return { verify: async () => abstained }
    const identity = { mode, issuer: 'staff', subject: typed, username: typed, groups: [] }
    const verify = async (password: string) =>
      password === code ? authenticated(identity) : rejected('bad_credentials')
    return { account: typed, verify }
  }
}

@injectable()
class PrintedAudit {
  record({ type, outcome, name }: AuditEvent): void {
    console.log(`audit: ${type} ${outcome} ${name}`)
  }
}

// What is yours is registered in a container of yours; compose adds its parts beside it.
const container = root.createChildContainer()
container.register(AUTHENTICATOR, { useClass: StaffAuth })
container.register(PARTS.audit, { useClass: PrintedAudit })

const server = compose({
  container,
  externalUrl: 'http://127.0.0.1:8080',
  tokenOptions: { issuer: 'example', services: { registry: {} }, keys: await generateKeys() },
})
const request = new Request('http://127.0.0.1:8080/service/token?service=registry', {
  headers: { authorization: `Basic ${Buffer.from('ann:sesame').toString('base64')}` },
})
const answer = await server.handler(request, { peer: '127.0.0.1', tls: false })
console.log(`token endpoint: ${answer.status}`)
await server[Symbol.asyncDispose]()
