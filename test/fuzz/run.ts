import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { attempt, fuzz, runsOf } from './fuzz.ts'
import type { FuzzTarget } from './fuzz-target.ts'
import { FUZZ_TARGETS } from './targets/index.ts'

/** Where failing inputs are kept; ignored by git. */
const FAILURES_FOLDER = 'fuzz-failures'
const DEFAULT_RUNS = 1_000_000

const USAGE = `Usage: npm run fuzz -- [NAME] [--runs N] [--seed N]
       npm run fuzz -- NAME --input FILE     tries one kept input again
Names: ${FUZZ_TARGETS.map(({ name }) => name).join(', ')}; all of them when none is given.
Where all run, those whose inputs cost more take fewer; one that is named takes as many as it is told.`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: String(DEFAULT_RUNS) },
    seed: { type: 'string', default: '1' },
    input: { type: 'string' },
  },
})
const [name] = positionals
const runs = Number(values.runs)
const seed = Number(values.seed)
const targets = FUZZ_TARGETS.filter((target) => name === undefined || target.name === name)

if (targets.length === 0 || !Number.isSafeInteger(runs) || runs < 1 || !Number.isSafeInteger(seed)) {
  process.stderr.write(`${USAGE}\n`)
  process.exitCode = 2
} else if (values.input !== undefined) {
  const input = await readFile(values.input)
  for (const target of targets) report(target, attempt(target, input), values.input)
} else {
  for (const target of targets) await run(target)
}

async function run(target: FuzzTarget): Promise<void> {
  const start = performance.now()
  const own = runsOf(target, name === undefined ? Math.ceil(runs / (target.cost ?? 1)) : runs)
  const failure = fuzz(target, { runs: own, seed })
  const seconds = ((performance.now() - start) / 1_000).toFixed(1)
  if (failure === undefined) {
    process.stdout.write(`${target.name}: ${own.toLocaleString('en')} inputs in ${seconds} s, none failed\n`)
    return
  }
  await mkdir(FAILURES_FOLDER, { recursive: true })
  const file = join(FAILURES_FOLDER, `${target.name}-${seed}-${failure.run}.bin`)
  await writeFile(file, failure.input)
  report(target, failure.error, file)
}

function report({ name: targetName }: FuzzTarget, error: unknown, file: string): void {
  if (error === undefined) {
    process.stdout.write(`${targetName}: ${file} does not fail\n`)
    return
  }
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stdout.write(`${targetName}: failed on ${file}\n${reason}\n`)
  process.exitCode = 1
}
