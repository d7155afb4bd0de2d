import { parentPort, workerData } from 'node:worker_threads'
import { createRuleMethods } from './rules/engine/rule-methods.ts'
import { serve } from './store/worker-service.ts'
import { openStoredRuleSource } from './stored-rule-source.ts'

export interface RulesWorkerData {
  /** The file of rules and alerts, and the one of messages, which is open for writing elsewhere. */
  alertFile: string
  databaseFile: string
}

/** The thread that judges: rules, joined with the store's file. */
if (parentPort !== null) {
  const { alertFile, databaseFile } = workerData as RulesWorkerData
  serve(parentPort, () => createRuleMethods({ file: alertFile, source: openStoredRuleSource(databaseFile) }))
}
