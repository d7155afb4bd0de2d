import { TidemarkError } from '../../../shared/errors.ts'

export function abortedError(): TidemarkError {
  return new TidemarkError('aborted', 'The read was stopped.', 'Nothing needs to be done.')
}

/** The answer, or a rejection as soon as the caller does not want it any more. */
export function abortable<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return answer
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const onAbort = (): void => reject(abortedError())
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  return promise
}
