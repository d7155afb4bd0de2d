import type { ErrorView } from '../../../shared/errors.ts'

/** A call of a worker's method, and its answer. */
export interface WorkerCall {
  id: number
  method: string
  args: readonly unknown[]
}

/** Instead of a call: the worker is to end. */
export const END = 'end'

export type WorkerAnswer =
  | { id: number; value: unknown }
  | { id: number; error: ErrorView; detail: string | null }

/** What a worker says unasked. */
export interface WorkerEvent {
  event: string
  value: unknown
}

/** Methods a worker serves: whatever crosses is copied, or transferred where it is wrapped so. */
export type WorkerMethods = Record<string, (...args: never[]) => unknown>

/** What the caller of a method gets. */
export type Answer<Methods, Name extends keyof Methods> = Methods[Name] extends (
  ...args: never[]
) => infer Value
  ? Untransferred<Awaited<Value>>
  : never

type Untransferred<Value> = Value extends Transferred<infer Inner> ? Inner : Value

/** A value with buffers that are handed over instead of copied. */
export class Transferred<Value> {
  readonly value: Value
  readonly buffers: ArrayBuffer[]
  constructor(value: Value, buffers: ArrayBuffer[]) {
    this.value = value
    this.buffers = buffers
  }
}
