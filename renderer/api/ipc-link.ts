import { TRPCClientError, type TRPCLink } from '@trpc/client'
import type { AnyTRPCRouter } from '@trpc/server'
import { observable } from '@trpc/server/observable'
import type { BridgeAnswer, BridgeRequest, DesktopBridge } from '../../shared/desktop-bridge.ts'

/** Of the page, not of a link: the main process tells operations of one page apart by their id. */
let operations = 0

export interface IpcLinkOptions {
  /** `window.tidemark`, when the portal runs in the desktop window. */
  bridge: Pick<DesktopBridge, 'request'>
}

/**
 * The terminating tRPC link of the desktop window. Subscriptions are pulled one value at a time, so a window that
 * is busy slows its source down instead of filling a queue. Values cross as JSON, as over WebSocket.
 */
export function ipcLink<TRouter extends AnyTRPCRouter>({ bridge }: IpcLinkOptions): TRPCLink<TRouter> {
  async function ask(request: BridgeRequest): Promise<BridgeAnswer> {
    return JSON.parse(await bridge.request(JSON.stringify(request))) as BridgeAnswer
  }

  return () =>
    ({ op }) =>
      observable((observer) => {
        operations += 1
        const id = `${operations}`
        let open = true

        const fail = (cause: unknown): void => {
          if (!open) return
          open = false
          observer.error(TRPCClientError.from<TRouter>(cause as Error))
        }
        const complete = (): void => {
          open = false
          observer.complete()
        }

        /** Shows one answer to the observer; says whether more are to come. */
        const accept = (answer: BridgeAnswer): boolean => {
          if (!open) return false
          if ('error' in answer) {
            fail(answer)
            return false
          }
          if (answer.result.type === 'stopped') {
            complete()
            return false
          }
          const { result } = answer
          observer.next({
            result: result.type === 'started' ? result : { ...result, data: result.data },
            context: op.context,
          })
          if (op.type === 'subscription') return true
          complete()
          return false
        }

        const cancel = (): void => {
          op.signal?.removeEventListener('abort', onAbort)
          // A main process that is gone has nothing left to cancel.
          ask({ kind: 'cancel', id }).catch(() => undefined)
        }
        const onAbort = (): void => {
          if (!open) return
          cancel()
          fail(op.signal?.reason)
        }
        op.signal?.addEventListener('abort', onAbort, { once: true })

        const run = async (): Promise<void> => {
          const kind = op.type === 'subscription' ? 'subscribe' : op.type
          let answer = await ask({ kind, id, path: op.path, input: op.input })
          while (accept(answer)) answer = await ask({ kind: 'next', id })
        }
        if (op.signal?.aborted === true) fail(op.signal.reason)
        else {
          run()
            .catch(fail)
            .finally(() => op.signal?.removeEventListener('abort', onAbort))
        }

        return () => {
          if (!open) return
          open = false
          cancel()
        }
      })
}
