import { hash } from 'node:crypto'
import type { TimelineWindow } from '../../../shared/chart.ts'
import { parseStreamPartId } from '../../../shared/message.ts'
import { schemaProblem } from '../../../shared/rules/json-schema-bounds.ts'
import { VERDICTS } from '../../../shared/verdict.ts'
import type { Clock, DroppedNotice, Logger, MessageStore, Startable, StoredNotice } from '../ports.ts'
import {
  LOOK_AFTER_MS,
  LOOK_AT_ALL_MS,
  MAX_FOLLOWED_PARTS,
  PAUSE_MS,
  RETRY_MS,
  SCHEMA_REFRESH_MS,
} from './limits.ts'
import type { MarkMethods, PartCount, StepReport, TouchedStretch } from './mark-methods.ts'

/** The thread that holds contents to schemas, as this thread calls it. */
export interface MarkThread {
  call<Name extends keyof MarkMethods & string>(
    method: Name,
    ...args: Parameters<MarkMethods[Name]>
  ): Promise<ReturnType<MarkMethods[Name]>>
  close(): Promise<void>
}

/** Counts of messages that are not what the schema of their stream allows, as that schema stands now. */
export interface SchemaMarks extends Startable {
  /** To be called with everything that is stored. */
  stored(notice: StoredNotice): void
  /** To be called with everything that retention removes. */
  dropped(notice: DroppedNotice): void
  /** To be called when the registry has something new of a stream. */
  streamChanged(streamId: string): void
  /** Of a part; null where its stream has no schema that can be held to. */
  ofPart(part: string): Omit<PartCount, 'part'> | null
  /** A timeline with what the schema does not allow in each of its buckets. */
  addTo(window: TimelineWindow): Promise<TimelineWindow>
}

export interface SchemaMarksOptions {
  /** Started with the first stream that has a schema: most nodes have none. */
  startThread: (onRestart: () => void) => MarkThread
  store: Pick<MessageStore, 'statistics'>
  schemaOf: (streamId: string) => Promise<unknown>
  /** Counts in a stretch of time, ms, are other than before. */
  onChange: (part: string, from: number, to: number) => void
  /** A stream has another schema than before. */
  onSchemaChange: () => void
  clock: Clock
  logger: Logger
}

class Marks implements SchemaMarks {
  readonly #options: SchemaMarksOptions
  /** Digest of the schema of each part; null without one that can be held to, undefined while it is not known. */
  readonly #digests = new Map<string, string | null | undefined>()
  /** Parts whose schema may be another by now. */
  readonly #stale = new Set<string>()
  readonly #counts = new Map<string, PartCount>()
  #touched = new Map<string, TouchedStretch>()
  #thread: MarkThread | null = null
  /** Parts whose counts may have been missed by whoever asked while their thread was away. */
  readonly #missed = new Set<string>()
  #refreshedAt = 0
  #lookedAt = 0
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined
  #isStopped = false
  #hasFailed = false

  constructor(options: SchemaMarksOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    for (const { part } of await this.#options.store.statistics()) this.#know(part)
    this.#plan(0)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#round
    if (this.#thread === null) return
    await this.#thread.call('close').catch((error: unknown) => {
      this.#options.logger.debug(
        { error },
        'the counts of schemas were not closed; they are checked at the next start',
      )
    })
    await this.#thread.close()
  }

  stored(notice: StoredNotice): void {
    const { part, stored, duplicates, verdicts, firstTimestamp, lastTimestamp } = notice
    this.#know(part)
    if (this.#digests.get(part) === null) return
    // Nothing came and no verdict changed: a key was found.
    const isOpened = stored + duplicates === 0 && VERDICTS.every((verdict) => verdicts[verdict] === 0)
    this.#touch({ part, from: firstTimestamp, to: lastTimestamp, isOpened })
  }

  dropped({ part, from, to }: DroppedNotice): void {
    this.#touch({ part, from, to, isOpened: false })
  }

  #touch({ part, from, to, isOpened }: TouchedStretch): void {
    const before = this.#touched.get(part)
    this.#touched.set(part, {
      part,
      from: Math.min(before?.from ?? from, from),
      to: Math.max(before?.to ?? to, to),
      isOpened: isOpened || before?.isOpened === true,
    })
  }

  streamChanged(streamId: string): void {
    for (const part of this.#digests.keys()) {
      if (parseStreamPartId(part).streamId === streamId) this.#stale.add(part)
    }
  }

  ofPart(part: string): Omit<PartCount, 'part'> | null {
    const count = this.#counts.get(part)
    return count === undefined ? null : { broken: count.broken, isComplete: count.isComplete }
  }

  async addTo(window: TimelineWindow): Promise<TimelineWindow> {
    const { part, from, to, levelMs, buckets } = window
    if (this.#thread === null || !this.#counts.has(part)) return window
    const found = await this.#thread
      .call('counts', part, from, to, levelMs)
      .then((counts) => new Map(counts))
      .catch((error: unknown) => {
        // Everything else in it is as it should be; it is asked for again as soon as the thread is back.
        this.#options.logger.warn({ error }, 'a timeline goes without what schemas do not allow')
        this.#missed.add(part)
        return null
      })
    if (found === null || found.size === 0) return window
    return {
      ...window,
      buckets: buckets.map((bucket) => {
        // What was removed since it was counted is no longer there to be wrong.
        const broken = Math.min(bucket.count, found.get(bucket.from) ?? 0)
        return broken === 0 ? bucket : { ...bucket, notBySchema: broken }
      }),
    }
  }

  #know(part: string): void {
    if (this.#digests.has(part) || this.#digests.size >= MAX_FOLLOWED_PARTS) return
    this.#digests.set(part, undefined)
  }

  #plan(afterMs: number): void {
    if (this.#isStopped) return
    this.#timer = setTimeout(() => {
      this.#round = this.#work().then((next) => this.#plan(next))
    }, afterMs)
    this.#timer.unref()
  }

  /** One turn. @returns the wait before the next one, ms */
  async #work(): Promise<number> {
    try {
      await this.#readSchemas()
      if (this.#thread === null) return LOOK_AFTER_MS
      const touched = [...this.#touched.values()]
      this.#touched = new Map()
      if (touched.length > 0) await this.#thread.call('touch', touched)
      if (this.#isDue(this.#lookedAt, LOOK_AT_ALL_MS)) {
        await this.#thread.call('lookAtAll')
        this.#lookedAt = this.#options.clock.now()
      }
      const report = await this.#thread.call('step')
      this.#take(report)
      this.#hasFailed = false
      return report.isIdle ? LOOK_AFTER_MS : PAUSE_MS
    } catch (error) {
      if (!this.#hasFailed && !this.#isStopped) {
        this.#options.logger.warn({ error }, 'contents could not be held to schemas; it is tried again')
      }
      this.#hasFailed = true
      return RETRY_MS
    }
  }

  /** Wall clocks are set back now and then. */
  #isDue(last: number, everyMs: number): boolean {
    return Math.abs(this.#options.clock.now() - last) >= everyMs
  }

  async #readSchemas(): Promise<void> {
    const isDue = this.#isDue(this.#refreshedAt, SCHEMA_REFRESH_MS)
    if (isDue) this.#refreshedAt = this.#options.clock.now()
    for (const [part, known] of this.#digests) {
      if (this.#isStopped) return
      if (known !== undefined && !isDue && !this.#stale.has(part)) continue
      this.#stale.delete(part)
      const schema = usableSchema(await this.#options.schemaOf(parseStreamPartId(part).streamId))
      const digest = schema === null ? null : hash('sha256', JSON.stringify(schema), 'hex')
      if (digest === known) continue
      await this.#follow(part, schema, digest)
      this.#digests.set(part, digest)
      if (known !== undefined) this.#options.onSchemaChange()
    }
  }

  async #follow(part: string, schema: object | null, digest: string | null): Promise<void> {
    if (schema === null || digest === null) {
      this.#counts.delete(part)
      await this.#thread?.call('follow', part, null, '')
      return
    }
    if (this.#thread === null) {
      this.#thread = this.#options.startThread(() => this.#threadRestarted())
      // What is followed is compared as a whole to begin with.
      this.#lookedAt = this.#options.clock.now()
    }
    await this.#thread.call('follow', part, schema, digest)
    this.#counts.set(part, { part, broken: 0, isComplete: false })
  }

  /** A new thread follows nothing yet; what it reads is compared with the store, so nothing is lost. */
  #threadRestarted(): void {
    for (const part of this.#digests.keys()) this.#digests.set(part, undefined)
  }

  #take({ counts, changed }: StepReport): void {
    for (const count of counts) if (this.#counts.has(count.part)) this.#counts.set(count.part, count)
    for (const { part, from, to } of changed) this.#options.onChange(part, from, to)
    for (const part of this.#missed) this.#options.onChange(part, 0, this.#options.clock.now())
    this.#missed.clear()
  }
}

/** Nothing breaks a schema that is not there, or that nobody can hold anything to. */
function usableSchema(schema: unknown): object | null {
  return typeof schema === 'object' && schema !== null && schemaProblem(schema) === undefined ? schema : null
}

export function createSchemaMarks(options: SchemaMarksOptions): SchemaMarks {
  return new Marks(options)
}
