// Runs everything a change must pass, cheapest first, and ends with one line that counts it.
// `--only a,b` runs the named steps; `--grep` and the like go to the tools themselves (see CONTRIBUTING).
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { electronBinary, projectEnvironment, projectNode, root, say } from './bootstrap.mjs'

const scratch = mkdtempSync(join(tmpdir(), 'tidemark-test-'))
const tool = (path) => join(root, 'node_modules', ...path.split('/'))
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))
const totals = { passed: 0, failed: 0, skipped: 0 }
/** What failed, told again at the very end: a log of this length is read from there. */
const failures = []

function run(args, env = {}) {
  return new Promise((done) => {
    const child = spawn(projectNode(), args, {
      cwd: root,
      env: { ...projectEnvironment(), ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    child.on('close', (code) => done(code ?? 1))
  })
}

function count({ passed = 0, failed = 0, skipped = 0 }) {
  totals.passed += passed
  totals.failed += failed
  totals.skipped += skipped
}

async function simple(args) {
  const code = await run(args)
  if (code === 0) return count({ passed: 1 })
  count({ failed: 1 })
  failures.push(`${relative(root, args[0])} ended with ${code}`)
}

/** Counts what a tool wrote of its run; a tool that failed without naming a test is itself the failure. */
function settle(name, code, summary) {
  const failed = summary.failed || (code === 0 ? 0 : 1)
  count({ ...summary, failed })
  failures.push(...summary.failures)
  if (failed > summary.failed) failures.push(`${name} ended with ${code}, and names no test`)
}

const NOTHING = { passed: 0, failed: 0, skipped: 0, failures: [] }

async function vitest(project) {
  const report = join(scratch, `${project}.json`)
  const code = await run(
    [
      tool('vitest/vitest.mjs'),
      'run',
      '--project',
      project,
      '--reporter=default',
      `--reporter=${join(root, 'scripts/vitest-summary.mjs')}`,
    ],
    { TIDEMARK_VITEST_SUMMARY: report },
  )
  settle(project, code || (existsSync(report) ? 0 : 1), existsSync(report) ? readJson(report) : NOTHING)
}

async function playwright(config) {
  const report = join(scratch, 'e2e.json')
  const code = await run(
    [tool('@playwright/test/cli.js'), 'test', '--config', config, '--reporter=list,json'],
    { PLAYWRIGHT_JSON_OUTPUT_FILE: report },
  )
  if (!existsSync(report)) return settle(config, code || 1, NOTHING)
  const { stats, suites } = readJson(report)
  const specs = (suite) => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specs)]
  settle(config, code, {
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected,
    skipped: stats.skipped,
    failures: suites
      .flatMap(specs)
      .filter((spec) => !spec.ok)
      .map((spec) => `${spec.file} > ${spec.title}`),
  })
}

const STEPS = {
  lint: async () => {
    await simple([tool('@biomejs/biome/bin/biome'), 'ci', '--max-diagnostics=50', '.'])
    await simple([join(root, 'scripts/layers.mjs')])
  },
  types: async () => {
    await simple([tool('typescript/bin/tsc'), '-p', 'tsconfig.json'])
    await simple([tool('typescript/bin/tsc'), '-p', 'tsconfig.renderer.json'])
  },
  unit: () => vitest('unit'),
  integration: () => vitest('integration'),
  e2e: () => playwright('playwright.config.ts'),
  desktop: async () => {
    if (electronBinary()) return playwright('test/e2e-desktop/playwright.config.ts')
    say('desktop suite skipped: the Electron runtime is not installed here (npx install-electron fetches it)')
    count({ skipped: 1 })
  },
}

const only = process.argv.indexOf('--only')
const names = only === -1 ? Object.keys(STEPS) : (process.argv[only + 1] ?? '').split(',')
for (const name of names) {
  if (!STEPS[name]) {
    say(`there is no test step "${name}"; known: ${Object.keys(STEPS).join(', ')}`)
    process.exit(2)
  }
  say(`test step: ${name}`)
  await STEPS[name]()
}
rmSync(scratch, { recursive: true, force: true })
for (const failure of failures) say(`failed: ${failure}`)
process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`)
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1
