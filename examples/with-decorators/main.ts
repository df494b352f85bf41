import 'reflect-metadata/lite'
import { AUTHENTICATOR, compose, PARTS } from '@lockkeeper/compose'
import {
  type AuditEvent,
  type AuditSink,
  type Authenticator,
  type AuthResult,
  abstained,
  authenticated,
  type Candidate,
  type LoginName,
  rejected,
} from '@lockkeeper/core'
import { generateKeys } from '@lockkeeper/registry-token/keys'
import { inject, injectable, container as root, singleton } from 'tsyringe'

/** Who works here: yours to keep wherever you like. */
@singleton()
class Staff {
  readonly #codes = new Map([['ann', 'sesame']])

  codeOf(name: string): string | undefined {
    return this.#codes.get(name)
  }
}

/** An auth mode as a class, with its dependencies injected. */
@injectable()
class StaffAuth implements Authenticator {
  readonly mode = 'staff_auth'
  private readonly staff: Staff

  constructor(@inject(Staff) staff: Staff) {
    this.staff = staff
  }

  async lookUp({ typed }: LoginName): Promise<Candidate> {
    const code = this.staff.codeOf(typed)
    if (code === undefined) return { verify: async () => abstained }
    return { account: typed, verify: async (password) => this.#verify(typed, code, password) }
  }

  #verify(name: string, code: string, password: string): AuthResult {
    if (password !== code) return rejected('bad_credentials')
    return authenticated({ mode: this.mode, issuer: 'staff', subject: name, username: name, groups: [] })
  }
}

@injectable()
class PrintedAudit implements AuditSink {
  record({ type, outcome, name }: AuditEvent): void {
    console.log(`audit: ${type} ${outcome} ${name ?? ''}`.trimEnd())
  }
}

// Everything of yours is registered in a container of yours; compose adds its parts beside it.
const container = root.createChildContainer()
container.register(AUTHENTICATOR, { useClass: StaffAuth })
container.register(PARTS.audit, { useClass: PrintedAudit })

const server = compose({
  container,
  externalUrl: 'http://127.0.0.1:8080',
  tokenOptions: { issuer: 'example', services: { registry: {} }, keys: await generateKeys() },
})
const credentials = Buffer.from('ann:sesame').toString('base64')
const request = new Request('http://127.0.0.1:8080/service/token?service=registry', {
  headers: { authorization: `Basic ${credentials}` },
})
const answer = await server.handler(request, { peer: '127.0.0.1', tls: false })
console.log(`token endpoint: ${answer.status}`)
await server[Symbol.asyncDispose]()
