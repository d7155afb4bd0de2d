// `npm run fault -- NAME [--times N]`: one fault run. Prints what was tried, acknowledged and lost; exit 0 only where
// nothing was lost.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { FaultReport } from './fault-report.ts'

const NAMES = ['kill', 'disk', 'peer', 'publish', 'remote-log', 'postgres']
const available = NAMES.filter((name) => existsSync(fileURLToPath(new URL(`./${name}.ts`, import.meta.url))))

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { times: { type: 'string' }, json: { type: 'boolean', default: false } },
})
const [name] = positionals
const times = values.times === undefined ? undefined : Number(values.times)
if (name === undefined || !available.includes(name) || (times !== undefined && !(times > 0))) {
  process.stderr.write(`fault: name one of: ${available.join(', ')} [--times N]\n`)
  process.exit(2)
}
const { run } = (await import(`./${name}.ts`)) as { run: (times?: number) => Promise<FaultReport> }
const report = await run(times)
if (values.json) process.stdout.write(`${JSON.stringify({ fault: name, ...report })}\n`)
else {
  process.stdout.write(
    `${name}: tried ${report.tried}, acknowledged ${report.acknowledged}, lost ${report.lost}\n`,
  )
  for (const note of report.notes) process.stdout.write(`  ${note}\n`)
}
process.exit(report.lost === 0 && report.acknowledged > 0 && report.failures === 0 ? 0 : 1)
