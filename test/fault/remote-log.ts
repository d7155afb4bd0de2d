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
        const { published, restored, isSame, seconds } = await scenario.run(kind, mode)
        const took = Object.entries(seconds).map(([step, value]) => `${step} ${value.toFixed(1)} s`)
        report.tried += times
        report.acknowledged += published
        report.lost += published - restored.verified
        const isGood = isSame && restored.isComplete && restored.findings.length === 0
        if (!isGood) report.failures += 1
        report.notes.push(
          `${kind}, ${mode}: ${restored.verified} of ${published} restored${isGood ? '' : ', not as they were'}; ${took.join(', ')}`,
        )
      }
    }
  } finally {
    await scenario.end()
  }
  return report
}
