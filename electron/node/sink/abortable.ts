/**
 * Rejects when the signal is aborted, though what was begun may go on: nobody waits for a server that hangs. What it
 * does in the end is a transaction of its own, done or not done.
 */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  // What is not waited for any more must not end the process when it fails.
  promise.catch(() => undefined)
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
