import type { ErrorView } from '../../../shared/errors.ts'
import type { AppendResult } from '../ports.ts'

/**
 * What travels over the `MessagePort` between a verifier worker and the store's writer, past the window thread.
 * The port comes from the store's `batchPort()` and is handed to the worker; closing it ends the connection.
 */

/** To the writer: a verified batch (see `verified-batch.ts`), whose buffer is transferred. */
export interface BatchDelivery {
  /** Chosen by the sender, unique on this port. */
  id: number
  buffer: ArrayBuffer
}

/** From the writer, once for every delivery, in any order: after the commit, or when it failed. */
export type BatchReceipt = { id: number; result: AppendResult } | { id: number; error: ErrorView }
