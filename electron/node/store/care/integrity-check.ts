import { workerUrl } from '../../../worker-url.ts'
import { askTheSide } from '../side-process.ts'
import type { IntegrityCheckQuestion } from './integrity-worker.ts'

/** Checks a file beside everything else; what is wrong with it, in words. Aborting ends the check at once. */
export function checkInBackground(file: string, signal: AbortSignal): Promise<string[]> {
  const question: IntegrityCheckQuestion = { file }
  return askTheSide(workerUrl(import.meta.url, 'integrity-worker'), question, signal)
}
