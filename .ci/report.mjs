// Reads what vitest's JSON reporter wrote. Plain JavaScript, for whatever Node the machine has.
//   report.mjs files FIRST                 the files in which something failed, one a line
//   report.mjs counts FIRST [AGAIN]        "PASSED FAILED"; what ran again counts as it ended then
//   report.mjs failures FIRST [AGAIN]      each failure of both, for a person
import { readFileSync } from 'node:fs'

const [, , what, ...paths] = process.argv
const runs = paths.map((path) => JSON.parse(readFileSync(path, 'utf8')).testResults)
const last = [...new Map(runs.flat().map((file) => [file.name, file])).values()]
const isFailed = ({ status }) => status === 'failed'

/** A file may fail without any of its tests: it could not be loaded, or a hook of its own failed. */
function failuresOf(file) {
  const tests = file.assertionResults.filter(isFailed)
  if (tests.length > 0) return tests.map(({ fullName, failureMessages }) => ({ fullName, message: failureMessages[0] }))
  return isFailed(file) ? [{ fullName: 'the file itself', message: file.message }] : []
}

const answers = {
  files: () => runs[0].filter((file) => failuresOf(file).length > 0).map(({ name }) => name),
  counts() {
    const passed = last.flatMap((file) => file.assertionResults.filter(({ status }) => status === 'passed'))
    return [`${passed.length} ${last.flatMap(failuresOf).length}`]
  },
  failures: () =>
    runs.flatMap((files, run) =>
      files.flatMap((file) =>
        failuresOf(file).map(({ fullName, message = '' }) => {
          const where = `${file.name.replace(`${process.cwd()}/`, '')}: ${fullName}`
          const own = message.split('\n').filter((line) => !line.includes('/node_modules/'))
          const why = own.slice(0, 12).join('\n    ')
          return `${run === 0 ? 'failed' : 'failed again, alone'}: ${where}\n    ${why}`
        }),
      ),
    ),
}
for (const line of answers[what]()) console.log(line)
