import { execFile } from 'node:child_process'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

it('JSX-04: a server that runs out of descriptors lives on, and serves again', { timeout: 30_000 }, async () => {
  const script = fileURLToPath(new URL('./small-server.ts', import.meta.url))
  const child = execFile('/bin/sh', ['-c', 'ulimit -n 64 && exec "$0" "$1"', process.execPath, script])
  const lines = createInterface({ input: child.stdout ?? process.stdin })
  const [url = ''] = await new Promise<string[]>((resolve) => lines.once('line', (line) => resolve([line])))
  const { hostname, port } = new URL(url)

  const sockets = Array.from({ length: 150 }, () => connect(Number(port), hostname).on('error', () => {}))
  await new Promise((resolve) => setTimeout(resolve, 500))
  for (const socket of sockets) socket.destroy()
  await expect.poll(() => fetch(`${url}/healthz`).then(({ status }) => status, String), { timeout: 10_000 }).toBe(200)
  expect(child.exitCode).toBeNull()
  child.kill()
})
