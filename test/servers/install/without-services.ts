import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/** Asked by every package before it starts a service; 101 means "not allowed". */
const POLICY = '/usr/sbin/policy-rc.d'
const SAVED_POLICY = `${POLICY}.lockkeeper-saved`
/** Read by the PostgreSQL packages before they make a system cluster, which no test needs. */
const CLUSTER_FOLDER = '/etc/postgresql-common/createcluster.d'
const CLUSTER_RULE = `${CLUSTER_FOLDER}/lockkeeper.conf`

/**
 * Runs an installation during which no package starts a service or makes a PostgreSQL cluster, and puts the
 * machine's own rules back afterwards, on Ctrl-C too. What a killed run left behind is put back by the next one.
 */
export async function withoutServices<T>(install: () => Promise<T>): Promise<T> {
  restore()
  if (existsSync(POLICY)) renameSync(POLICY, SAVED_POLICY)
  writeFileSync(POLICY, '#!/bin/sh\n# Written by lockkeeper while it installs test servers.\nexit 101\n', {
    mode: 0o755,
  })
  mkdirSync(CLUSTER_FOLDER, { recursive: true })
  writeFileSync(CLUSTER_RULE, 'create_main_cluster = false\n')
  const stop = (): void => {
    restore()
    process.exit(130)
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    return await install()
  } finally {
    restore()
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

function restore(): void {
  const interrupted = existsSync(CLUSTER_RULE)
  rmSync(CLUSTER_RULE, { force: true })
  if (existsSync(SAVED_POLICY)) renameSync(SAVED_POLICY, POLICY)
  else if (interrupted) rmSync(POLICY, { force: true })
}
