import { parentPort, workerData } from 'node:worker_threads'
import { createRuleMethods } from './rules/engine/rule-methods.ts'
import type { StoreLocation } from './store/reader-connection.ts'
import { serve } from './store/worker-service.ts'
import { openStoredRuleSource } from './stored-rule-source.ts'

export interface RulesWorkerData {
  /** The file of rules and alerts. */
  alertFile: string
  /** Where messages are, which others write. */
  messages: StoreLocation
}

/** The thread that judges: rules, joined with stored messages. */
if (parentPort !== null) {
  const { alertFile, messages } = workerData as RulesWorkerData
  serve(parentPort, () => createRuleMethods({ file: alertFile, source: openStoredRuleSource(messages) }))
}
