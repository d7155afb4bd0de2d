import type { MessagePort } from 'node:worker_threads'
import { TidemarkError, toErrorView } from '../../../shared/errors.ts'
import { toStoreError } from './store-errors.ts'
import { Transferred, type WorkerAnswer, type WorkerCall, type WorkerMethods } from './worker-protocol.ts'

/** Answers calls that come in on `port` with the methods given. Methods may be asynchronous. */
export function serve(port: MessagePort, methods: WorkerMethods): void {
  port.on('message', (call: WorkerCall) => {
    void answer(port, methods, call)
  })
}

async function answer(
  port: MessagePort,
  methods: WorkerMethods,
  { id, method, args }: WorkerCall,
): Promise<void> {
  try {
    const call = methods[method] as (...args: readonly unknown[]) => unknown
    const value = await call(...args)
    if (value instanceof Transferred) {
      port.postMessage({ id, value: value.value } satisfies WorkerAnswer, value.buffers)
    } else {
      port.postMessage({ id, value } satisfies WorkerAnswer)
    }
  } catch (error) {
    port.postMessage(toFailure(id, error))
  }
}

/** An error as it crosses threads; `detail` is for the log, where the error is not one made for users. */
export function toFailure(id: number, error: unknown): WorkerAnswer {
  const told = toStoreError(error)
  const detail =
    told instanceof TidemarkError ? causeOf(told) : error instanceof Error ? error.stack : String(error)
  return { id, error: toErrorView(told), detail: detail ?? null }
}

function causeOf(error: TidemarkError): string | undefined {
  return error.cause instanceof Error ? `${error.cause.name}: ${error.cause.message}` : undefined
}
