import { TRPCClientError } from '@trpc/client'
import { ERROR_CODES, type ErrorView, toErrorView } from '../../shared/errors.ts'

function isErrorView(value: unknown): value is ErrorView {
  if (typeof value !== 'object' || value === null) return false
  const { code, message, remedy } = value as Record<string, unknown>
  return (
    ERROR_CODES.some((known) => known === code) && typeof message === 'string' && typeof remedy === 'string'
  )
}

/** The sentence and the remedy of whatever a call to the node failed with. */
export function errorViewOf(error: unknown): ErrorView {
  if (error instanceof TRPCClientError) {
    const view: unknown = (error.data as { view?: unknown } | null | undefined)?.view
    if (isErrorView(view)) return view
    return {
      code: 'not-running',
      message: 'The node behind this window did not answer.',
      remedy:
        'Nothing stored is lost. The portal reconnects by itself; if it does not, start Tidemark again.',
    }
  }
  return toErrorView(error)
}

/** A request that we ended ourselves, because its answer is no longer wanted. */
export function isAbort(error: unknown): boolean {
  if (error instanceof DOMException && error.name === 'AbortError') return true
  return error instanceof TRPCClientError && error.cause?.name === 'AbortError'
}
