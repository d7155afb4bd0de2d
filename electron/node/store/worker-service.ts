import type { MessagePort } from 'node:worker_threads'
import { TidemarkError, toErrorView } from '../../../shared/errors.ts'
import { toStoreError } from './store-errors.ts'
import {
  END,
  Transferred,
  type WorkerAnswer,
  type WorkerCall,
  type WorkerMethods,
} from './worker-protocol.ts'

/**
 * Answers calls that come in on `port`. Methods may be asynchronous. When they cannot be made, every call is answered
 * with the reason, so that it reaches whoever waits for the worker.
 */
export function serve(port: MessagePort, createMethods: () => WorkerMethods): void {
  const create = (): WorkerMethods | { failure: unknown } => {
    try {
      return createMethods()
    } catch (failure) {
      return { failure }
    }
  }
  const methods = create()
  port.on('message', (call: WorkerCall | typeof END) => {
    // Here no native code is at work, which is not so wherever a thread happens to be when it is terminated.
    if (call === END) process.exit(0)
    void answer(port, methods, call)
  })
}

async function answer(
  port: MessagePort,
  methods: WorkerMethods | { failure: unknown },
  { id, method, args }: WorkerCall,
): Promise<void> {
  try {
    if ('failure' in methods) throw methods.failure
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
