import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'

/** A token server of an example, which was given its address. */
export interface RunningExample {
  readonly host: string
  /** What it said when it was ready, with the address that its README shows. */
  readonly said: string
  /** Asks for a token, as somebody, for a scope where one is named. */
  ask(username: string, password: string, scope?: string): Promise<Response>
  stop(): Promise<void>
}

/** Runs the program of an example until it has said all it says. */
export async function runExample(program: URL, lines = 1): Promise<RunningExample> {
  const host = `127.0.0.1:${await freePort()}`
  const child = spawn(process.execPath, [fileURLToPath(program), host], { stdio: ['ignore', 'pipe', 'ignore'] })
  let output = ''
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    output += chunk
    if (output.split('\n').length > lines) break
  }
  if (!output.startsWith('ready: ')) throw new Error(`the example ended without being ready: ${output}`)
  return {
    host,
    said: output.trim().replaceAll(host, '127.0.0.1:8080'),
    ask(username, password, scope) {
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
      const query = new URLSearchParams({ service: 'registry', ...(scope !== undefined && { scope }) })
      return fetch(`http://${host}/service/token?${query}`, { headers: { authorization } })
    },
    async stop() {
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** What the token in an answer gives access to. */
export async function accessIn(answer: Response): Promise<unknown> {
  const { token } = (await answer.json()) as { token: string }
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).access
}
