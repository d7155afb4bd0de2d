import { initTRPC } from '@trpc/server'
import { ZodError } from 'zod'
import { type ErrorView, TidemarkError, toErrorView } from '../../shared/errors.ts'
import type { ProductLicences } from '../../shared/licences.ts'
import type { StorageNode } from '../node/storage-node.ts'

/** What is shipped, and under which licences. */
export interface Licences {
  product(): Promise<ProductLicences>
  /** @throws TidemarkError `invalid-input` when there is no such text. */
  text(index: number): Promise<string>
}

export interface ApiContext {
  node: StorageNode
  licences: Licences
  issueLaunchToken?: () => string
}

function viewOf(cause: unknown): ErrorView {
  if (cause instanceof ZodError) {
    const first = cause.issues[0]
    return {
      code: 'invalid-input',
      message: `That input is not valid: ${first ? `${first.path.join('.') || 'value'}: ${first.message}` : 'unknown'}.`,
      remedy: 'Correct it and try again.',
    }
  }
  return toErrorView(cause)
}

const t = initTRPC.context<ApiContext>().create({
  // What crosses the border is a code, a sentence and a remedy; stacks and causes stay inside.
  errorFormatter: ({ shape, error }) => {
    const isOurs = error.cause instanceof TidemarkError || error.cause instanceof ZodError
    const isProtocol = !isOurs && error.code !== 'INTERNAL_SERVER_ERROR'
    const view: ErrorView = isProtocol
      ? {
          code: 'invalid-input',
          message: error.message,
          remedy: 'Update the client; it asked for what this node does not know.',
        }
      : viewOf(error.cause)
    return { ...shape, message: view.message, data: { code: shape.data.code, view } }
  },
})

export const router = t.router
export const procedure = t.procedure
