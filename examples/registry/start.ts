import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommandLine } from 'lockkeeper'

if (spawnSync('docker-registry', ['--version']).error) {
  console.error('docker-registry is not installed: apt-get install docker-registry')
  process.exit(1)
}

// Lockkeeper on one port, a registry that trusts it on another, everything in a folder that is gone afterwards.
const [listen = '127.0.0.1:8080', registry = '127.0.0.1:5000'] = process.argv.slice(2)
const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-registry-'))
const place = ['--data', join(folder, 'lockkeeper')]
process.env.LOCKKEEPER_ADMIN_PASSWORD ??= 'Change-me-7'

const serving = runCommandLine(['serve', '--listen', listen, ...place])
const keys = join(folder, 'keys.pem')
await writeFile(keys, await answerOf(`http://${listen}/service/keys.pem`))
await runCommandLine(['project', 'add', 'library', '--public', ...place])

// Every JSON document is YAML, and so a configuration file of the registry.
const configuration = join(folder, 'registry.yml')
await writeFile(
  configuration,
  JSON.stringify({
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'images') } },
    http: { addr: registry },
    auth: {
      token: {
        realm: `http://${listen}/service/token`,
        service: 'registry',
        issuer: 'lockkeeper',
        rootcertbundle: keys,
      },
    },
  }),
)
const child = spawn('docker-registry', ['serve', configuration], { stdio: ['ignore', 'ignore', 'inherit'] })
await answerOf(`http://${registry}/v2/`)
console.log(`ready: docker login ${registry} -u admin   (password: ${process.env.LOCKKEEPER_ADMIN_PASSWORD})`)

process.exitCode = await serving
child.kill()
await rm(folder, { recursive: true, force: true })

async function answerOf(url: string): Promise<string> {
  for (let tries = 0; ; tries++) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer) return answer.text()
    if (tries > 100) throw new Error(`nothing answers at ${url}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
