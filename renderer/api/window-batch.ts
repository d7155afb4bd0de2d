import type { ChartWindow } from '../../shared/chart.ts'
import type { TileRequest } from './tile-cache.ts'

/** Questions of one moment are put together for so long, ms: panels that follow one window ask within a frame. */
const GATHER_MS = 4
/** As many fields as the node answers in one question. */
const MAX_FIELDS = 32

export interface FieldRequest extends TileRequest {
  part: string
  /** Null asks for every publisher's. */
  publisher: string | null
  field: string
}

/** Asks the node for one stretch of several fields. */
export type AskWindow = (
  request: TileRequest & { part: string; publisher: string | null; fields: string[] },
  signal: AbortSignal,
) => Promise<ChartWindow>

interface Waiter {
  field: string
  signal: AbortSignal
  resolve(window: ChartWindow): void
  reject(error: unknown): void
}

export interface WindowBatch {
  /** The answer for one field; what others ask for the same stretch at the same time goes in one question. */
  load(request: FieldRequest, signal: AbortSignal): Promise<ChartWindow>
}

function groupKey({ part, publisher, from, to, widthPx }: FieldRequest): string {
  return `${from} ${to} ${widthPx} ${publisher ?? ''} ${part}`
}

/** Puts the questions of many panels into few: the same stretch of the same stream is read once for all fields. */
export function createWindowBatch(ask: AskWindow): WindowBatch {
  let waiting = new Map<string, { request: FieldRequest; waiters: Waiter[] }>()
  let isGathering = false

  async function send(request: FieldRequest, waiters: readonly Waiter[]): Promise<void> {
    const live = waiters.filter(({ signal }) => !signal.aborted)
    if (live.length === 0) return
    const controller = new AbortController()
    let left = live.length
    const leave = () => {
      left -= 1
      if (left === 0) controller.abort()
    }
    for (const { signal } of live) signal.addEventListener('abort', leave, { once: true })
    const { part, publisher, from, to, widthPx } = request
    const fields = [...new Set(live.map(({ field }) => field))].sort()
    try {
      const answer = await ask({ part, publisher, from, to, widthPx, fields }, controller.signal)
      for (const { field, resolve } of live) {
        resolve({ ...answer, series: answer.series.filter((series) => series.field === field) })
      }
    } catch (error) {
      for (const { reject } of live) reject(error)
    } finally {
      for (const { signal } of live) signal.removeEventListener('abort', leave)
    }
  }

  function flush(): void {
    isGathering = false
    const groups = waiting
    waiting = new Map()
    for (const { request, waiters } of groups.values()) {
      const fields = [...new Set(waiters.map(({ field }) => field))]
      for (let start = 0; start < fields.length; start += MAX_FIELDS) {
        const some = new Set(fields.slice(start, start + MAX_FIELDS))
        void send(
          request,
          waiters.filter(({ field }) => some.has(field)),
        )
      }
    }
  }

  return {
    load(request, signal) {
      return new Promise((resolve, reject) => {
        const key = groupKey(request)
        const group = waiting.get(key) ?? { request, waiters: [] }
        waiting.set(key, group)
        group.waiters.push({ field: request.field, signal, resolve, reject })
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        if (isGathering) return
        isGathering = true
        setTimeout(flush, GATHER_MS)
      })
    },
  }
}
