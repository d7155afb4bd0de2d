import {
  type AnyTRPCRouter,
  callTRPCProcedure,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  isTrackedEnvelope,
  TRPCError,
} from '@trpc/server'
import type { BridgeAnswer, BridgeErrorShape, BridgeRequest } from '../../shared/desktop-bridge.ts'
import type { Logger } from '../node/ports.ts'
import { nextOrAborted } from './next-or-aborted.ts'

/** A page shows a few dozen panels at most, each with one or two subscriptions. */
export const MAX_OPEN_SUBSCRIPTIONS = 128
/** Queries in flight at once; the portal batches by component and stays far below. */
export const MAX_OPEN_CALLS = 256

export interface IpcSessionOptions {
  router: AnyTRPCRouter
  /** Called once for each operation; may wait for the node to be up. */
  createContext: () => Promise<unknown>
  logger: Logger
}

/** What one loaded page has open. Never rejects: every failure is an answer. */
export interface IpcSession {
  answer(request: BridgeRequest): Promise<BridgeAnswer>
  /** Ends everything the page had open, as when it reloads or closes. */
  close(): void
  /** Operations open now, for tests and the log. */
  readonly openOperations: number
}

export function createIpcSession(options: IpcSessionOptions): IpcSession {
  return new PageSession(options)
}

type Call = Extract<BridgeRequest, { path: string }>

interface Operation {
  call: Call
  abort: AbortController
  iterator: AsyncIterator<unknown> | undefined
  pulling: boolean
}

const STOPPED: BridgeAnswer = { result: { type: 'stopped' } }

class PageSession implements IpcSession {
  readonly #router: AnyTRPCRouter
  readonly #createContext: () => Promise<unknown>
  readonly #logger: Logger
  readonly #operations = new Map<string, Operation>()
  #closed = false

  constructor(options: IpcSessionOptions) {
    this.#router = options.router
    this.#createContext = options.createContext
    this.#logger = options.logger
  }

  get openOperations(): number {
    return this.#operations.size
  }

  async answer(request: BridgeRequest): Promise<BridgeAnswer> {
    if (this.#closed) return STOPPED
    switch (request.kind) {
      case 'cancel':
        this.#end(request.id)
        return STOPPED
      case 'next':
        return this.#next(request.id)
      default:
        return this.#open(request)
    }
  }

  close(): void {
    this.#closed = true
    for (const id of [...this.#operations.keys()]) this.#end(id)
  }

  async #open(call: Call): Promise<BridgeAnswer> {
    const refusal = this.#refusalOf(call)
    if (refusal !== undefined) return this.#failure(call, refusal)
    const operation: Operation = { call, abort: new AbortController(), iterator: undefined, pulling: false }
    this.#operations.set(call.id, operation)
    const signal = operation.abort.signal
    try {
      const ctx = await this.#createContext()
      if (signal.aborted) return STOPPED
      const type = call.kind === 'subscribe' ? 'subscription' : call.kind
      const getRawInput = async (): Promise<unknown> => call.input
      const result: unknown = await callTRPCProcedure({
        router: this.#router,
        path: call.path,
        getRawInput,
        ctx,
        type,
        signal,
        batchIndex: 0,
      })
      if (type !== 'subscription') {
        this.#operations.delete(call.id)
        return { result: { type: 'data', data: result } }
      }
      operation.iterator = asyncIteratorOf(result)
      // The page went away while the procedure was being set up: nobody will ask for its values.
      if (signal.aborted) {
        this.#release(operation)
        return STOPPED
      }
      return { result: { type: 'started' } }
    } catch (cause) {
      const wasEnded = signal.aborted
      this.#end(call.id)
      return wasEnded ? STOPPED : this.#failure(call, cause)
    }
  }

  async #next(id: string): Promise<BridgeAnswer> {
    const operation = this.#operations.get(id)
    if (operation?.iterator === undefined) return STOPPED
    if (operation.pulling) {
      return this.#failure(operation.call, badRequest('One `next` at a time for each subscription.'))
    }
    operation.pulling = true
    try {
      const next = await nextOrAborted(operation.iterator, operation.abort.signal)
      operation.pulling = false
      if (next === 'aborted') return STOPPED
      if (next.done === true) {
        this.#operations.delete(id)
        return STOPPED
      }
      if (!isTrackedEnvelope(next.value)) return { result: { type: 'data', data: next.value } }
      const [eventId, data] = next.value
      return { result: { type: 'data', id: eventId, data: { id: eventId, data } } }
    } catch (cause) {
      this.#operations.delete(id)
      return this.#failure(operation.call, cause)
    }
  }

  #refusalOf(call: Call): TRPCError | undefined {
    if (this.#operations.has(call.id)) return badRequest(`The id ${call.id} is in use.`)
    const isSubscription = (open: Operation): boolean => open.call.kind === 'subscribe'
    const subscriptions = [...this.#operations.values()].filter(isSubscription).length
    const full =
      call.kind === 'subscribe'
        ? subscriptions >= MAX_OPEN_SUBSCRIPTIONS
        : this.#operations.size - subscriptions >= MAX_OPEN_CALLS
    if (!full) return undefined
    return new TRPCError({ code: 'TOO_MANY_REQUESTS', message: 'This window has too much open at once.' })
  }

  #end(id: string): void {
    const operation = this.#operations.get(id)
    if (operation === undefined) return
    this.#operations.delete(id)
    operation.abort.abort()
    this.#release(operation)
  }

  /** Lets a generator run its `finally`. It may wait inside; nobody waits for it. */
  #release(operation: Operation): void {
    const path = operation.call.path
    operation.iterator?.return?.()?.catch((error: unknown) => {
      this.#logger.warn({ path, error }, 'a subscription failed while it was being ended')
    })
  }

  #failure(call: Call, cause: unknown): BridgeAnswer {
    const error = getTRPCErrorFromUnknown(cause)
    if (error.code === 'INTERNAL_SERVER_ERROR') {
      this.#logger.error({ path: call.path, error: error.cause ?? error }, 'a call from the window failed')
    }
    const shape = getTRPCErrorShape({
      config: this.#router._def._config,
      error,
      type: call.kind === 'subscribe' ? 'subscription' : call.kind,
      path: call.path,
      input: call.input,
      ctx: undefined,
    })
    return { error: shape as BridgeErrorShape }
  }
}

function badRequest(message: string): TRPCError {
  return new TRPCError({ code: 'BAD_REQUEST', message })
}

function asyncIteratorOf(result: unknown): AsyncIterator<unknown> {
  if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result) {
    return (result as AsyncIterable<unknown>)[Symbol.asyncIterator]()
  }
  throw new Error('The subscription did not give an async iterable.')
}
