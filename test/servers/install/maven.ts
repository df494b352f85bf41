import { chmod, cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { executeOrThrow } from '../command.ts'
import { builtFolder, cacheFolder, findCommand } from '../find-command.ts'
import type { WebApplication } from '../requirements.ts'

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy'

/** Old libraries reach into the JDK where it has been closed since. */
const OPENED = ['lang', 'lang.invoke', 'lang.reflect', 'io', 'net', 'text', 'util', 'util.concurrent', 'util.regex']

/** Why Java programs cannot be put together here, or `undefined` when they can. */
export function whyNoMaven(): string | undefined {
  const missing = ['mvn', 'java', 'jar', 'tar'].filter((command) => findCommand(command) === undefined)
  return missing.length === 0 ? undefined : `there is no ${missing.join(', no ')} here`
}

/**
 * Puts a web application together with the Tomcat that it needs and the libraries that replace or complete its own, and
 * writes a command that runs it. The command takes the folder it is run in as Tomcat's base.
 *
 * @returns What went wrong, or `undefined`.
 */
export async function assembleApplication(
  fileName: string,
  { tomcat, war, context, libraries, replaced }: WebApplication,
): Promise<string | undefined> {
  await mkdir(builtFolder, { recursive: true })
  const scratch = await mkdtemp(join(cacheFolder, 'build-'))
  try {
    const [home, application] = [join(scratch, 'home'), join(scratch, 'home', 'webapps', context)]
    for (const artifact of [tomcat, war, ...libraries]) {
      await executeOrThrow('mvn', ['-q', '-B', COPY, `-Dartifact=${artifact}`, `-DoutputDirectory=${scratch}`], {
        cwd: scratch,
        timeoutMs: 10 * 60_000,
      })
    }
    const file = await fileFinder(scratch)
    await mkdir(home)
    await executeOrThrow('tar', ['-xzf', file('.tar.gz'), '-C', home, '--strip-components=1'])
    await rm(join(home, 'webapps'), { recursive: true })
    await mkdir(application, { recursive: true })
    await executeOrThrow('jar', ['-xf', file('.war')], { cwd: application })
    const own = join(application, 'WEB-INF', 'lib')
    for (const name of replaced) await rm(join(own, name))
    for (const name of (await readdir(scratch)).filter((one) => one.endsWith('.jar'))) {
      await cp(join(scratch, name), join(own, name))
    }
    const place = join(cacheFolder, fileName)
    await rm(place, { recursive: true, force: true })
    await rename(home, place)
    const command = join(scratch, 'command')
    await writeFile(command, launcher(place))
    await chmod(command, 0o755)
    // Last, and atomic: while it is not there the program is missing, and nobody ever runs half of it.
    await rename(command, join(builtFolder, fileName))
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function fileFinder(folder: string): Promise<(end: string) => string> {
  const names = await readdir(folder)
  return (end) => join(folder, names.find((name) => name.endsWith(end)) ?? end)
}

function launcher(home: string): string {
  const options = [
    ...OPENED.map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`),
    // Archives of those days are not what newer JDKs call well-formed.
    '-Djdk.util.zip.disableZip64ExtraFieldValidation=true',
    '-Dtomcat.util.scan.StandardJarScanFilter.jarsToSkip=*.jar',
    '-XX:+UseSerialGC -Xmx512m',
    `-Dcatalina.home='${home}' -Dcatalina.base="$PWD" -Djava.io.tmpdir="$PWD"`,
    `-cp '${home}/bin/bootstrap.jar:${home}/bin/tomcat-juli.jar'`,
  ]
  return `#!/bin/sh\nexec java ${options.join(' \\\n  ')} \\\n  org.apache.catalina.startup.Bootstrap start\n`
}
