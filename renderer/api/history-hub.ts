import type { TimelineBucket } from '../../shared/chart.ts'
import { unpackChart } from '../../shared/chart-columns.ts'
import type { FieldSource } from '../../shared/layout.ts'
import {
  type ChartData,
  createFieldSource,
  createStatesSource,
  createTimelineSource,
  type StateData,
} from './chart-data.ts'
import type { HistoryContext, HistorySource } from './history-source.ts'
import { createWindowBatch } from './window-batch.ts'

/** About 30 MB of buckets for a whole workspace, shared out among the fields on screen. */
const MAX_BUCKETS = 200_000
/** Whatever the number of fields, each keeps what its window needs. */
const LEAST_KEPT = 8_000
/** What nobody uses any more is kept so long, ms: a panel that moves or changes kind finds it again. */
const LINGER_MS = 5_000

/**
 * Which of several windows over one history: panels that look at the same one share what is read. `px` is the class
 * of their width (`widthClass`), `window` tells an earlier period laid over from the period itself.
 */
export interface Lens {
  px: number
  window: 'shown' | 'earlier'
}

/** Histories of streams and fields, read once for all panels. What is taken is given back by `dispose`. */
export interface HistoryHub {
  field(source: FieldSource, lens: Lens): HistorySource<ChartData>
  states(part: string, field: string, lens: Lens): HistorySource<StateData[]>
  timeline(part: string, lens: Lens): HistorySource<TimelineBucket[]>
  dispose(): void
}

/** Widths are asked for in few classes, so that panels of about one size share their tiles. */
export function widthClass(widthPx: number): number {
  return 2 ** Math.min(12, Math.max(7, Math.ceil(Math.log2(Math.max(1, widthPx)))))
}

interface Shared {
  source: HistorySource<unknown>
  users: number
  timer: ReturnType<typeof setTimeout> | undefined
}

export function createHistoryHub(context: HistoryContext): HistoryHub {
  const shared = new Map<string, Shared>()
  const batch = createWindowBatch(async ({ part, publisher, fields, from, to, widthPx }, signal) => {
    const publishers = publisher === null ? {} : { publishers: [publisher] }
    // The node counts both ends in; tiles are open at their end.
    const input = { part, fields, from, to: to - 1, widthPx, ...publishers }
    return unpackChart(await context.client.chart.window.query(input, { signal }))
  })
  const maxWeight = () => Math.max(LEAST_KEPT, MAX_BUCKETS / Math.max(1, shared.size))

  function take<T>(key: string, make: () => HistorySource<T>): HistorySource<T> {
    const known = shared.get(key)
    const entry: Shared = known ?? { source: make() as HistorySource<unknown>, users: 0, timer: undefined }
    shared.set(key, entry)
    entry.users += 1
    clearTimeout(entry.timer)
    let isGiven = false
    return {
      ...(entry.source as HistorySource<T>),
      dispose() {
        if (isGiven) return
        isGiven = true
        entry.users -= 1
        if (entry.users > 0) return
        entry.timer = setTimeout(() => {
          entry.source.dispose()
          shared.delete(key)
        }, LINGER_MS)
      },
    }
  }
  const lensKey = ({ px, window }: Lens) => `${px} ${window}`

  return {
    field: ({ part, publisher, field }, lens) =>
      take(`field ${lensKey(lens)} ${JSON.stringify([part, publisher, field])}`, () =>
        createFieldSource({ context, batch, part, publisher, field, maxWeight }),
      ),
    states: (part, field, lens) =>
      take(`states ${lensKey(lens)} ${JSON.stringify([part, field])}`, () =>
        createStatesSource(context, part, field),
      ),
    timeline: (part, lens) =>
      take(`timeline ${lensKey(lens)} ${part}`, () => createTimelineSource(context, part)),
    dispose() {
      for (const { source, timer } of shared.values()) {
        clearTimeout(timer)
        source.dispose()
      }
      shared.clear()
    },
  }
}
