import { KEEPERS, MODES, RemoteLogScenario } from '../integration/remote-log-scenario.ts'
import type { FaultReport } from './fault-report.ts'

const MESSAGES = 10_000

/**
 * An author stores and publishes signed messages and is killed; a reader that was never alive together with it
 * restores them: by each keeper, in each mode. What was published and does not come back, verified, is lost.
 * @param times messages of each log
 */
export async function run(times: number = MESSAGES): Promise<FaultReport> {
  const report: FaultReport = { tried: 0, acknowledged: 0, lost: 0, failures: 0, notes: [] }
  const scenario = await RemoteLogScenario.create(times)
  try {
    for (const kind of KEEPERS) {
      for (const mode of MODES) {
        const startedAt = performance.now()
        const { published, restored, isSame } = await scenario.run(kind, mode)
        const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
        report.tried += times
        report.acknowledged += published
        report.lost += published - restored.verified
        const isGood = isSame && restored.isComplete && restored.findings.length === 0
        if (!isGood) report.failures += 1
        report.notes.push(
          `${kind}, ${mode}: ${restored.verified} of ${published} restored${isGood ? '' : ', not as they were'}, ${seconds} s`,
        )
      }
    }
  } finally {
    await scenario.end()
  }
  return report
}
