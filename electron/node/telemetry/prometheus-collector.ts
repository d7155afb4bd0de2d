import { z } from 'zod'
import { escapeFieldKey } from '../../../shared/field-path.ts'
import type { Logger } from '../ports.ts'
import { boundedRequest } from './bounded-request.ts'
import {
  type Collector,
  type JsonSchema,
  reasonOf,
  Unavailable,
  type UnavailableReason,
} from './collector.ts'
import { assertHttpAddress } from './endpoint-address.ts'
import { ENDPOINT_DEADLINE_MS, MAX_EXPOSITION_BYTES, MAX_PICKED_METRICS } from './limits.ts'
import { createMetricPattern, type MetricPattern } from './metric-pattern.ts'
import { type Exposition, fullName, type MetricSample, parseExposition } from './prometheus-text.ts'
import { quantity, round, toPublishedSchema, unavailableField } from './schema.ts'

const ACCEPT = 'text/plain;version=0.0.4;q=1,*/*;q=0.1'

export const prometheusSampleSchema = z
  .strictObject({
    metrics: z
      .record(z.string(), z.number().nullable())
      .meta({ title: 'Metrics', description: 'Values by name and labels, as the exporter writes them.' }),
    latency: quantity('ms', 'Latency', 'How long the exporter took to begin its answer.'),
    unavailable: unavailableField(),
  })
  .meta({
    title: 'Metrics of a Prometheus exporter',
    description:
      'Metrics picked by pattern. One that is NaN, infinite or not there is null or left out, with the reason.',
  })

export type PrometheusSample = z.infer<typeof prometheusSampleSchema>

export interface PrometheusCollectorOptions {
  /** `http` or `https` address of the metrics. May hold a key: it is never logged or published. */
  url: string
  /** Patterns over `name`, or over `name{label="value"}` where they hold a brace; `*` stands for any text. */
  metrics: readonly string[]
  logger: Logger
  /** Deadline of one answer, ms. Default 3,000. */
  deadlineMs?: number
  /** Bound of one answer. Default 8 MiB. */
  maxAnswerBytes?: number
}

/**
 * Picks metrics of any exporter that speaks Prometheus' text format.
 * @throws TidemarkError `invalid-input` when the address is not http or https.
 */
export function createPrometheusCollector(options: PrometheusCollectorOptions): Collector<PrometheusSample> {
  assertHttpAddress(options.url, 'the exporter')
  return new PrometheusCollector(options)
}

class PrometheusCollector implements Collector<PrometheusSample> {
  readonly name = 'prometheus'
  readonly #options: PrometheusCollectorOptions
  readonly #patterns: readonly MetricPattern[]
  readonly schema: JsonSchema = toPublishedSchema(prometheusSampleSchema)

  constructor(options: PrometheusCollectorOptions) {
    this.#options = options
    this.#patterns = options.metrics.map(createMetricPattern)
  }

  async sample(signal?: AbortSignal): Promise<PrometheusSample> {
    const unavailable: Record<string, UnavailableReason> = {}
    try {
      const { exposition, latencyMs, matched } = await this.#read(signal)
      const metrics = pick(exposition, unavailable)
      for (const pattern of this.#patterns) {
        if (!matched.has(pattern)) unavailable[`metrics.${escapeFieldKey(pattern.text)}`] = 'absent'
      }
      return { metrics, latency: round(latencyMs, 1), ...noted(unavailable) }
    } catch (error) {
      signal?.throwIfAborted()
      const reason = reasonOf(error)
      this.#options.logger.debug({ reason }, 'the exporter did not say')
      return { metrics: {}, latency: null, unavailable: { metrics: reason, latency: reason } }
    }
  }

  async close(): Promise<void> {
    // Connections belong to the runtime's pool; nothing else is held.
  }

  async #read(signal: AbortSignal | undefined) {
    const { url, deadlineMs = ENDPOINT_DEADLINE_MS, maxAnswerBytes = MAX_EXPOSITION_BYTES } = this.#options
    const { text, latencyMs } = await boundedRequest({
      url,
      deadlineMs,
      maxBytes: maxAnswerBytes,
      accept: ACCEPT,
      signal,
    })
    const matched = new Set<MetricPattern>()
    let read = 0
    let kept = 0
    const exposition = parseExposition(text, (sample) => {
      read += 1
      // One more than is published, to know that there are more.
      const isKept = this.#isWanted(sample, matched) && kept <= MAX_PICKED_METRICS
      if (isKept) kept += 1
      return isKept
    })
    // A page of HTML, or anything else: not one line is a metric.
    if (read === 0 && exposition.badLines > 0) throw new Unavailable('wrong-shape')
    return { exposition, latencyMs, matched }
  }

  #isWanted(sample: MetricSample, matched: Set<MetricPattern>): boolean {
    let isWanted = false
    for (const pattern of this.#patterns) {
      if (!pattern.matches(pattern.text.includes('{') ? fullName(sample) : sample.name)) continue
      matched.add(pattern)
      isWanted = true
    }
    return isWanted
  }
}

function noted(unavailable: Record<string, UnavailableReason>) {
  return Object.keys(unavailable).length > 0 ? { unavailable } : {}
}

function pick(exposition: Exposition, unavailable: Record<string, UnavailableReason>) {
  const metrics: [string, number | null][] = []
  for (const sample of exposition.samples) {
    if (metrics.length === MAX_PICKED_METRICS) {
      unavailable.metrics = 'too-many'
      break
    }
    const name = fullName(sample)
    if (!Number.isFinite(sample.value)) unavailable[`metrics.${escapeFieldKey(name)}`] = 'not-a-number'
    metrics.push([name, Number.isFinite(sample.value) ? sample.value : null])
  }
  // Made from entries: a metric that is called `__proto__` is a key like any other.
  return Object.fromEntries(metrics)
}
