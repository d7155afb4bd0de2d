import { parentPort, workerData } from 'node:worker_threads'
import type { MessageId, MessageRef } from '../../../shared/message.ts'
import type { ChartQuery, FleetQuery, MessageQuery } from '../ports.ts'
import { ContentKeys } from './content-keys.ts'
import { type MessagePage, packPage } from './message-page.ts'
import { ChartReader } from './read/chart-reader.ts'
import { FleetReader } from './read/fleet-reader.ts'
import { FrameReader, type PageOfFrames } from './read/frame-reader.ts'
import { FrameWindows } from './read/frame-windows.ts'
import { HeldReader } from './read/held-reader.ts'
import { type LastSearch, LastStart } from './read/last-start.ts'
import { MessageLookup } from './read/message-lookup.ts'
import { lookUpNames } from './read/name-lookup.ts'
import { type PageCursor, PageReader } from './read/page-reader.ts'
import { PartReader } from './read/part-reader.ts'
import { PendingReader } from './read/pending-reader.ts'
import { planQuery, type Selection } from './read/query-plan.ts'
import { RawPoints } from './read/raw-points.ts'
import { SeriesChooser } from './read/series-chooser.ts'
import { SparseStretches } from './read/sparse-stretches.ts'
import { Statements } from './read/statements.ts'
import { StatesReader } from './read/states-reader.ts'
import { TimelineReader } from './read/timeline-reader.ts'
import { openReaderConnection, type StoreLocation } from './reader-connection.ts'
import { Transferred } from './worker-protocol.ts'
import { serve } from './worker-service.ts'

export interface PageAnswer {
  page: MessagePage
  next: PageCursor | null
}

/** What a reader thread does when it is called. */
export type ReaderMethods = ReturnType<typeof createMethods>

function createMethods(location: StoreLocation) {
  const { connection: db, close } = openReaderConnection(location)
  const statements = new Statements(db)
  const names = lookUpNames(db)
  const keys = new ContentKeys(db)
  const sparse = new SparseStretches(statements)
  const pages = new PageReader(statements, names, sparse)
  const lastStart = new LastStart(statements, sparse)
  const frames = new FrameReader(statements, new FrameWindows(statements))
  const lookup = new MessageLookup(statements, names)
  const parts = new PartReader(statements, names)
  const chooser = new SeriesChooser(statements, names)
  const charts = new ChartReader(statements, chooser, new RawPoints(statements, keys))
  const states = new StatesReader(statements, chooser, keys)
  const fleets = new FleetReader(statements, names)
  const timelines = new TimelineReader(statements, names)
  const pending = new PendingReader(statements, names)
  const held = new HeldReader(statements, names)

  const hasUnproven = (part: number): boolean =>
    statements.value<number>('SELECT 1 FROM unproven WHERE part = ? LIMIT 1', part) !== undefined
  const plan = (query: MessageQuery): Selection | null => planQuery(query, names, hasUnproven)
  const handOver = (answer: PageAnswer): Transferred<PageAnswer> =>
    new Transferred(answer, [answer.page.buffer])

  return {
    /** A page from the cursor on, or from the beginning. */
    page: (query: MessageQuery, cursor: PageCursor | null, limit: number): Transferred<PageAnswer> => {
      const selection = plan(query)
      if (selection === null) return handOver({ page: packPage([], names), next: null })
      const start = selection.descending ? selection.to : selection.from
      const { rows, next } = pages.read(selection, cursor ?? { ...start, key: null, skip: 0 }, limit)
      return handOver({ page: packPage(rows, names), next })
    },

    /** Where the frames of a query begin; undefined when its answer needs rows. */
    framesStart: (query: MessageQuery): MessageRef | undefined => {
      const selection = plan(query)
      return selection !== null && FrameReader.canRead(selection) ? selection.from : undefined
    },

    /** Frames from a position on. */
    frames: (query: MessageQuery, from: MessageRef): Transferred<PageOfFrames> => {
      const selection = plan(query)
      const page =
        selection === null ? { frames: new ArrayBuffer(0), next: null } : frames.read(selection, from)
      return new Transferred(page, [page.frames])
    },

    /** Goes on with the search for where the newest `count` messages begin. */
    searchLast: (query: MessageQuery, count: number, search: LastSearch | null): LastSearch => {
      const selection = plan(query)
      if (selection === null) return { at: null, counted: 0, start: null }
      return lastStart.search(selection, count, search ?? { at: selection.to, counted: 0, start: null })
    },

    get: (id: MessageId): Transferred<MessagePage> => {
      const page = lookup.get(id)
      return new Transferred(page, [page.buffer])
    },
    neighbours: (id: MessageId) => lookup.neighbours(id),
    gaps: (part: string, limit: number) => lookup.gaps(part, limit),
    statistics: () => parts.statistics(),
    contentKeys: () => keys.all(),
    publishers: (part: string) => parts.publishers(part),
    fields: (part: string) => parts.fields(part),
    fingerprints: (part: string, levelMs: number, from: number, to: number) =>
      parts.fingerprints(part, levelMs, from, to),
    chart: (query: ChartQuery) => charts.read(query),
    states: (query: ChartQuery) => states.read(query),
    fleet: (query: FleetQuery) => fleets.read(query),
    timeline: (part: string, from: number, to: number, maxBuckets: number) =>
      timelines.read(part, from, to, maxBuckets),
    heldBack: (part: string, from: number, to: number, limit: number): Transferred<MessagePage> => {
      const page = held.read(part, from, to, limit)
      return new Transferred(page, [page.buffer])
    },
    pending: (limit: number, after: MessageId | undefined) => pending.read(limit, after),
    close: (): void => close(),
  }
}

if (parentPort !== null) serve(parentPort, () => createMethods(workerData as StoreLocation))
