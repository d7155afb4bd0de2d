import { RemoteLogError } from './errors.ts'

/**
 * Carries out a call that may not take longer than `timeoutMs`, also when what is called does not mind its signal.
 * @throws {RemoteLogError} `timeout`; the reason of `signal` when the caller gives up.
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<T> {
  signal?.throwIfAborted()
  const controller = new AbortController()
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const end = (reason: unknown) => {
    reject(reason)
    controller.abort(reason)
  }
  const timer = setTimeout(
    () => end(new RemoteLogError('timeout', `No answer within ${timeoutMs} ms.`)),
    timeoutMs,
  )
  const onAbort = () => end(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work(controller.signal), ended])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}
