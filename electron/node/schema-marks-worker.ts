import { parentPort, workerData } from 'node:worker_threads'
import { createMarkMethods } from './schema-marks/mark-methods.ts'
import type { StoreLocation } from './store/reader-connection.ts'
import { serve } from './store/worker-service.ts'
import { openStoredContents } from './stored-contents.ts'

export interface SchemaMarksWorkerData {
  /** The file of what was counted. */
  markFile: string
  /** Where messages are, which others write. */
  messages: StoreLocation
}

/** The thread that holds contents to the schemas of their streams. */
if (parentPort !== null) {
  const { markFile, messages } = workerData as SchemaMarksWorkerData
  serve(parentPort, () => createMarkMethods({ file: markFile, source: openStoredContents(messages) }))
}
