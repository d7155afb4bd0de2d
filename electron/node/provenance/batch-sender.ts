import type { MessagePort } from 'node:worker_threads'
import { type ErrorView, TidemarkError } from '../../../shared/errors.ts'
import type { BatchDelivery, BatchReceipt } from '../message/batch-port.ts'
import type { AppendResult } from '../ports.ts'

interface Waiting {
  resolve(result: AppendResult): void
  reject(error: Error): void
}

/** The sending end of a port to the store's writer: one promise for each batch, settled by its receipt. */
export class BatchSender {
  readonly #onClose: () => void
  readonly #waiting = new Map<number, Waiting>()
  #port: MessagePort | undefined
  #lastId = 0

  constructor(onClose: () => void) {
    this.#onClose = onClose
  }

  connect(port: MessagePort): void {
    this.#port?.close()
    this.#port = port
    port.on('message', (receipt: BatchReceipt) => this.#settle(receipt))
    port.on('close', () => {
      if (this.#port !== port) return
      this.#port = undefined
      this.#failAll()
      this.#onClose()
    })
  }

  /** Ends the connection; what was sent may still be stored, but nobody hears of it. */
  close(): void {
    const port = this.#port
    this.#port = undefined
    port?.close()
  }

  /** Resolves once the batch is on disk. @throws TidemarkError when the store could not take it. */
  send(buffer: ArrayBuffer): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      if (this.#port === undefined) {
        reject(writerGone())
        return
      }
      const delivery: BatchDelivery = { id: ++this.#lastId, buffer }
      this.#waiting.set(delivery.id, { resolve, reject })
      this.#port.postMessage(delivery, [buffer])
    })
  }

  #settle(receipt: BatchReceipt): void {
    const waiting = this.#waiting.get(receipt.id)
    this.#waiting.delete(receipt.id)
    if ('result' in receipt) waiting?.resolve(receipt.result)
    else waiting?.reject(fromErrorView(receipt.error))
  }

  #failAll(): void {
    for (const { reject } of this.#waiting.values()) reject(writerGone())
    this.#waiting.clear()
  }
}

function writerGone(): TidemarkError {
  return new TidemarkError(
    'internal',
    'The store’s writer is not there.',
    'It is being started again; the messages wait and are stored then.',
  )
}

export function fromErrorView({ code, message, remedy }: ErrorView): TidemarkError {
  return new TidemarkError(code, message, remedy)
}
