// A reporter of Vitest: keeps what a run came to as JSON, so that `npm test` can say at its very end what failed.
// Vitest's own JSON leaves out errors that belong to no test, which fail a run too.
import { writeFileSync } from 'node:fs'

const firstLine = (error) =>
  String(error?.message ?? error)
    .split('\n', 1)[0]
    .slice(0, 300)

export default class VitestSummary {
  onTestRunEnd(modules, unhandledErrors) {
    const summary = { passed: 0, failed: 0, skipped: 0, failures: [] }
    const fail = (where, errors) => {
      summary.failed++
      summary.failures.push(`${where}: ${errors.length > 0 ? firstLine(errors[0]) : 'failed'}`)
    }
    for (const module of modules) {
      // A file that cannot be loaded, or a hook that fails, fails no test, but the run.
      const outside = [
        ...module.errors(),
        ...[...module.children.allSuites()].flatMap((suite) => suite.errors()),
      ]
      if (outside.length > 0) fail(module.relativeModuleId, outside)
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result()
        if (state === 'failed') fail(`${module.relativeModuleId} > ${test.fullName}`, errors)
        else if (state === 'passed') summary.passed++
        else summary.skipped++
      }
    }
    for (const error of unhandledErrors) fail('outside of any test', [error])
    writeFileSync(process.env.TIDEMARK_VITEST_SUMMARY, JSON.stringify(summary))
  }
}
