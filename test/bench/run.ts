// `npm run -s bench -- NAME --json`: runs one bench and prints its figures. Every figure is a ratio of two sides
// measured in the same run; the absolute numbers beside it are for orientation.
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'

const NAMES = [
  'ingest',
  'query',
  'chart',
  'reconcile',
  'federated',
  'simulation',
  'http',
  'render',
  'startup',
  'remote-log',
  'agent',
]
const available = NAMES.filter((name) => existsSync(fileURLToPath(new URL(`./${name}.ts`, import.meta.url))))

const [name, ...flags] = process.argv.slice(2)
if (name === undefined || !available.includes(name)) {
  process.stderr.write(`bench: name one of: ${available.join(', ')}\n`)
  process.exit(2)
}
const { run } = (await import(`./${name}.ts`)) as {
  run: (flags: string[]) => Promise<Record<string, unknown>>
}
const figures = await run(flags)
const result = { bench: name, cores: cpus().length, node: process.version, figures }
process.stdout.write(
  flags.includes('--json') ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`,
)
process.exit(0)
