import type { MissingReadings, SourceSettings } from '../../../shared/sources.ts'
import type { Clock, Logger } from '../ports.ts'
import type { Collector } from './collector.ts'
import { createCollector } from './create-collector.ts'
import { missingReadings } from './missing-readings.ts'
import type { Outbox } from './outbox.ts'
import { createPublisherLoop, type PublisherLoop } from './publisher-loop.ts'

export interface MeasuredSource {
  settings: Pick<SourceSettings, 'name' | 'intervalMs' | 'jitterMs' | 'batchMs'>
  collector: Collector<object>
}

export interface MeasureOptions {
  sources: readonly SourceSettings[]
  dataDir: string
  logger: Logger
  clock: Clock
}

export function createSources({ sources, ...around }: MeasureOptions): MeasuredSource[] {
  return sources.map((settings) => ({ settings, collector: createCollector(settings, around) }))
}

/** What all sources publish together: each under its own name. */
export function schemaOf(sources: readonly MeasuredSource[]): Record<string, unknown> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    description: 'Each message holds one of these: the readings of one source at one time.',
    properties: Object.fromEntries(
      sources.map(({ settings, collector: { schema } }) => {
        const { $schema: _same, ...rest } = schema
        return [settings.name, rest]
      }),
    ),
  }
}

export interface MeasuringOptions {
  clock: Clock
  logger: Logger
  /** Something is in the outbox that is due. */
  onAdded: () => void
  /** Told of each sample what it lacks. */
  onMeasured?: (missing: MissingReadings | null) => void
}

/** Measures a source at its pace and lays what it says into the outbox, under the source's name. */
export function measureInto(
  outbox: Outbox,
  { settings, collector }: MeasuredSource,
  { clock, logger, onAdded, onMeasured }: MeasuringOptions,
): PublisherLoop {
  const { name, intervalMs, jitterMs, batchMs } = settings
  return createPublisherLoop({
    collector,
    intervalMs,
    jitterMs,
    publish: async (content, timestamp) => {
      onMeasured?.(missingReadings(content))
      const now = clock.now()
      const dueAt = batchMs === 0 ? now : (Math.floor(now / batchMs) + 1) * batchMs
      outbox.add({ timestamp, source: name, dueAt, content: { [name]: content } })
      if (batchMs === 0) onAdded()
    },
    clock,
    logger: logger.child({ source: name }),
  })
}
