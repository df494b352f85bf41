import { spawn } from 'node:child_process'
import type { Account } from './account.ts'

/** What a finished command left. `code` is 124 when it was ended for taking too long, 128 when a signal ended it. */
export interface Finished {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** How to run a command. `timeoutMs` is 60 000 unless said; `env` replaces the whole environment. */
export interface CommandOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly input?: string
  readonly timeoutMs?: number
  readonly account?: Account | undefined
}

const LONGEST_OUTPUT = 1024 * 1024

/** Runs a command to its end and returns what it left, whatever the exit code. Rejects when it cannot be started. */
export function execute(command: string, args: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  const { promise, resolve, reject } = Promise.withResolvers<Finished>()
  const timeoutMs = options.timeoutMs ?? 60_000
  const child = spawn(command, args, { cwd: options.cwd, env: options.env ?? process.env, ...options.account })
  let stdout = ''
  let stderr = ''
  const finish = (code: number): void => {
    clearTimeout(timer)
    resolve({ code, stdout, stderr })
  }
  const timer = setTimeout(() => {
    child.kill('SIGKILL')
    stderr += `\nended: not finished after ${timeoutMs} ms`
    finish(124)
    // A grandchild may still hold the pipes; without this they would keep the test process alive.
    child.stdout.destroy()
    child.stderr.destroy()
  }, timeoutMs)
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout = (stdout + text).slice(-LONGEST_OUTPUT)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-LONGEST_OUTPUT)
  })
  child.once('error', (error) => {
    clearTimeout(timer)
    reject(error)
  })
  child.once('close', (code) => finish(code ?? 128))
  // A command that ends without reading its input is judged by its exit code, not by our broken pipe.
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  return promise
}

/** Runs a command that has to succeed and returns its standard output; otherwise throws what the command complained about. */
export async function executeOrThrow(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await execute(command, args, options)
  if (code !== 0) {
    throw new Error(`${command} failed with code ${code}:\n${(stderr.trim() || stdout.trim()).slice(-2000)}`)
  }
  return stdout
}
