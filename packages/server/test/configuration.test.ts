import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadSettings, parseSettings } from '../src/config/load.ts'

const problemsOf = (value: unknown): readonly string[] => {
  try {
    parseSettings(value)
  } catch (error) {
    if (error instanceof Error && 'problems' in error) {
      return (error.problems as { path: string; message: string }[]).map(({ path, message }) =>
        `${path} ${message}`.trim(),
      )
    }
    throw error
  }
  return []
}

describe('the configuration', () => {
  it('is the embedded default where nothing is said', () => {
    expect(parseSettings({})).toMatchObject({
      listen: '127.0.0.1:8080',
      auth: { modes: ['db_auth'], plugins: [] },
      lockout: { freezeMs: 1500, policy: 'flat', store: 'memory', keepVerifiedSeconds: 10 },
      tokens: { issuer: 'lockkeeper', services: { registry: { algorithm: 'ES256', expiresInSeconds: 300 } } },
    })
  })

  it.each([
    [{ lissten: '127.0.0.1:80' }, /^has no lissten; there are listen, externalUrl, /],
    [
      { tokens: { services: { r: { algoritm: 'ES256' } } } },
      /^tokens\.services\.r has no algoritm; there are algorithm, /,
    ],
    [{ listen: '8080' }, 'listen must look like 127.0.0.1:8080 or [::1]:8080'],
    [{ listen: '127.0.0.1:99999' }, 'listen must have a port up to 65535'],
    [{ externalUrl: 'auth.example.com' }, 'externalUrl must be an absolute http or https URL'],
    [{ externalUrl: 'https://a.example?b' }, 'externalUrl must have no query and no fragment'],
    [{ auth: { modes: ['LDAP'] } }, 'auth.modes[0] must look like ldap_auth or ldap_auth/emea'],
    [{ tokens: { services: {} } }, 'tokens.services must name at least one service'],
    [{ tokens: { services: { r: { expiresInSeconds: 5 } } } }, /^tokens\.services\.r\.expiresInSeconds /],
    [{ lockout: { freezeMs: -1 } }, /^lockout\.freezeMs /],
    [{ lockout: { freezMs: 1 } }, /^lockout has no freezMs; there are freezeMs, policy, /],
    [{ lockout: { store: 'redis' } }, 'lockout.redis is missing: store: redis needs redis: { url: redis://host:6379 }'],
    [{ lockout: { store: 'redis', redis: { url: 'http://a' } } }, /^lockout\.redis\.url must look like redis:/],
    [
      { lockout: { store: 'memory', redis: { url: 'redis://a' } } },
      'lockout.redis belongs to store: redis; choose that or remove it',
    ],
    [
      { lockout: { whenStoreLost: 'deny' } },
      'lockout.whenStoreLost belongs to store: redis or database; choose that or remove it',
    ],
    [
      { lockout: { store: 'memory', storeTimeoutMs: 250 } },
      'lockout.storeTimeoutMs belongs to store: redis or database; choose that or remove it',
    ],
    [{ lockout: { escalation: {} } }, /^lockout\.escalation belongs to policy: escalating or ownerSafe/],
    [{ lockout: { policy: 'escalating', ownerSafe: {} } }, /^lockout\.ownerSafe belongs to policy: ownerSafe/],
    [{ lockout: { policy: 'ownerSafe', ownerSafe: { strangers: 0 } } }, /^lockout\.ownerSafe\.strangers /],
    [{ lockout: { policy: 'escalating', escalation: { after: 'soon' } } }, /^lockout\.escalation\.after /],
    [
      { lockout: { policy: 'escalating', escalation: { capMs: 60 } } },
      /^lockout\.escalation\.capMs .* as long as freezeMs/,
    ],
    [
      { lockout: { policy: 'ownerSafe', escalation: { rememberMs: 60_000 } } },
      /^lockout\.escalation\.rememberMs .* longer than capMs/,
    ],
    [
      { lockout: { refuseStrangersDuringSpray: true, sprayFailuresPerMinute: 0 } },
      'lockout.refuseStrangersDuringSpray needs the alarm: set sprayFailuresPerMinute above 0, or remove it',
    ],
    [{ lockout: { keepVerifiedSeconds: 301 } }, /^lockout\.keepVerifiedSeconds /],
  ])('OPS-04: refuses %j', (value, problem) => {
    expect(problemsOf(value)).toContainEqual(typeof problem === 'string' ? problem : expect.stringMatching(problem))
  })

  it('takes what is about a shared store beside either of them', () => {
    const about = { storeTimeoutMs: 500, whenStoreLost: 'deny' }
    const redis = { url: 'redis://127.0.0.1' }
    expect(problemsOf({ lockout: { store: 'database', ...about } })).toEqual([])
    expect(problemsOf({ lockout: { store: 'redis', redis, ...about } })).toEqual([])
  })

  it('reads what it has read once more, as the start does for another address', () => {
    expect(parseSettings(parseSettings({}))).toEqual(parseSettings({}))
  })

  it('lists every problem at once, and each once', () => {
    expect(problemsOf({ listen: 'x', externalUrl: 'y', log: { level: 'loud' } })).toHaveLength(3)
  })

  it('JSX-01: takes no key that would reach a prototype', () => {
    expect(problemsOf(JSON.parse('{"__proto__":{"listen":"0.0.0.0:1"}}'))).not.toEqual([])
    expect(problemsOf(JSON.parse('{"constructor":{}}'))).not.toEqual([])
  })

  it('cuts the slash that ends an external URL', () => {
    expect(parseSettings({ externalUrl: 'https://auth.example.com/lock/' }).externalUrl).toBe(
      'https://auth.example.com/lock',
    )
  })
})

describe('the configuration file', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lk-config-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('is read from where it is named', async () => {
    const file = join(folder, 'other.yaml')
    await writeFile(file, 'listen: 127.0.0.1:9999\n')
    expect(await loadSettings(file)).toMatchObject({ file, settings: { listen: '127.0.0.1:9999' } })
  })

  it('must be there when it is named', async () => {
    await expect(loadSettings(join(folder, 'none.yaml'))).rejects.toMatchObject({ code: 'ERR_CONFIGURATION' })
  })

  it('says line and column of what YAML cannot read', async () => {
    const file = join(folder, 'bad.yaml')
    await writeFile(file, 'listen: 127.0.0.1:80\nauth: [\n')
    await expect(loadSettings(file)).rejects.toThrow(/line \d+, column \d+/)
  })

  it('refuses a key that stands twice, of which one would be lost', async () => {
    const file = join(folder, 'twice.yaml')
    await writeFile(file, 'listen: 127.0.0.1:80\nlisten: 0.0.0.0:80\n')
    await expect(loadSettings(file)).rejects.toMatchObject({ code: 'ERR_CONFIGURATION' })
  })

  it('may have empty sections, which have their defaults, and empty services', async () => {
    const file = join(folder, 'sections.yaml')
    await writeFile(file, 'lockout:\nauth:\nlisten:\ntokens:\n  services:\n    registry:\n')
    expect((await loadSettings(file)).settings).toEqual(parseSettings({}))
  })

  it.each([
    ['nothing', 'listen: *nowhere'],
    ['itself', 'auth: { modes: [x_auth], x_auth: &x { a: *x } }'],
    ['too much', `http: { hosts: &a [a, b], trustedProxies: [${Array(60).fill('*a').join()}] }`],
  ])('is refused where an alias stands for %s', async (_, yaml) => {
    const file = join(folder, 'alias.yaml')
    await writeFile(file, yaml)
    const message = 'has an alias that stands for nothing, for itself, or for too much: write out what it means'
    await expect(loadSettings(file)).rejects.toMatchObject({
      code: 'ERR_CONFIGURATION',
      problems: [{ path: '', message }],
    })
  })

  it('may say a thing once and mean it twice', async () => {
    const file = join(folder, 'alias.yaml')
    await writeFile(file, 'tokens: { services: { a: &a { expiresInSeconds: 60 }, b: *a } }')
    expect((await loadSettings(file)).settings.tokens.services).toMatchObject({ b: { expiresInSeconds: 60 } })
  })

  it('may be empty', async () => {
    const file = join(folder, 'empty.yaml')
    await writeFile(file, '')
    expect((await loadSettings(file)).settings.listen).toBe('127.0.0.1:8080')
  })
})
