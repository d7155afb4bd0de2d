import { setTimeout as wait } from 'node:timers/promises'
import { TidemarkError } from '../../../shared/errors.ts'
import {
  MAX_LISTED_METRICS,
  type MetricListing,
  type SourceSettings,
  type SourceTrial,
} from '../../../shared/sources.ts'
import { boundedRequest } from './bounded-request.ts'
import { reasonOf, Unavailable } from './collector.ts'
import { type CollectorSurroundings, createCollector } from './create-collector.ts'
import { assertHttpAddress } from './endpoint-address.ts'
import { ENDPOINT_DEADLINE_MS, MAX_EXPOSITION_BYTES, TRIAL_DEADLINE_MS, TRIAL_PAUSE_MS } from './limits.ts'
import { parseExposition } from './prometheus-text.ts'

/**
 * Measures once as the source would, and once more where a reading needs a second look; nothing is published.
 * @throws TidemarkError `invalid-input` for settings no collector takes, `aborted`
 */
export async function trySource(
  settings: SourceSettings,
  around: CollectorSurroundings,
  signal?: AbortSignal,
): Promise<SourceTrial> {
  const collector = createCollector(settings, around)
  const deadline = AbortSignal.any([
    ...(signal === undefined ? [] : [signal]),
    AbortSignal.timeout(TRIAL_DEADLINE_MS),
  ])
  const startedAt = performance.now()
  try {
    let sample = (await collector.sample(deadline)) as Record<string, unknown>
    if (Object.values(unavailableOf(sample)).includes('not-yet')) {
      await wait(TRIAL_PAUSE_MS, undefined, { signal: deadline })
      sample = (await collector.sample(deadline)) as Record<string, unknown>
    }
    const { unavailable: _told, ...readings } = sample
    return {
      sample: readings,
      schema: collector.schema,
      unavailable: unavailableOf(sample),
      tookMs: Math.round(performance.now() - startedAt),
    }
  } catch (error) {
    signal?.throwIfAborted()
    const reason = deadline.aborted ? 'timeout' : reasonOf(error)
    return {
      sample: null,
      schema: collector.schema,
      unavailable: { '': reason },
      tookMs: Math.round(performance.now() - startedAt),
    }
  } finally {
    await collector.close()
  }
}

function unavailableOf(sample: Record<string, unknown>): Record<string, string> {
  return (sample.unavailable as Record<string, string> | undefined) ?? {}
}

const SENTENCES: Partial<Record<string, string>> = {
  timeout: 'The exporter did not answer in time.',
  unreachable: 'Nobody answers at this address.',
  'http-error': 'The exporter answered with an error.',
  'too-large': 'The exporter’s answer is too large to be read.',
  'wrong-shape': 'What is at this address is no Prometheus exporter.',
}

/**
 * What an exporter offers, so that patterns can be picked.
 * @throws TidemarkError `invalid-input` with what is wrong at the address; never the address or the exporter's words
 */
export async function listMetrics(url: string, signal?: AbortSignal): Promise<MetricListing> {
  assertHttpAddress(url, 'the exporter')
  const counts = new Map<string, number>()
  let isCut = false
  try {
    const { text } = await boundedRequest({
      url,
      deadlineMs: ENDPOINT_DEADLINE_MS,
      maxBytes: MAX_EXPOSITION_BYTES,
      accept: 'text/plain;version=0.0.4;q=1,*/*;q=0.1',
      signal,
    })
    const { help, badLines } = parseExposition(text, ({ name }) => {
      const count = counts.get(name)
      if (count === undefined && counts.size >= MAX_LISTED_METRICS) isCut = true
      else counts.set(name, (count ?? 0) + 1)
      return false
    })
    if (counts.size === 0 && badLines > 0) throw new Unavailable('wrong-shape')
    const names = [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
    return { names: names.map(([name, count]) => ({ name, count, help: help.get(name) ?? null })), isCut }
  } catch (error) {
    signal?.throwIfAborted()
    throw new TidemarkError(
      'invalid-input',
      SENTENCES[reasonOf(error)] ?? 'The exporter could not be read.',
      'Check the address; exporters answer at /metrics as a rule.',
    )
  }
}
