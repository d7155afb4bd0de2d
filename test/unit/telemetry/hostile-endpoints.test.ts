import { afterEach, describe, expect, it } from 'vitest'
import { createCometbftCollector } from '../../../electron/node/telemetry/cometbft-collector.ts'
import { createPrometheusCollector } from '../../../electron/node/telemetry/prometheus-collector.ts'
import { createSolanaCollector } from '../../../electron/node/telemetry/solana-collector.ts'
import { closeEndpoints, endpoint, HOSTILE_ENDPOINTS } from './endpoint.ts'
import { createQuietLogger } from './quiet-logger.ts'

afterEach(closeEndpoints)

const DEADLINE_MS = 400

/** Each kind of source, and the word for a page of HTML: the JSON ones cannot read it, the text one finds no metric. */
const SOURCES = [
  [
    'CometBFT',
    'not-json',
    (url: string, logger: ReturnType<typeof createQuietLogger>) =>
      createCometbftCollector({
        url,
        validator: 'AB'.repeat(20),
        logger,
        clock: Date,
        deadlineMs: DEADLINE_MS,
      }),
  ],
  [
    'Solana',
    'not-json',
    (url: string, logger: ReturnType<typeof createQuietLogger>) =>
      createSolanaCollector({
        url,
        vote: 'V'.repeat(40),
        identity: 'W'.repeat(40),
        logger,
        deadlineMs: DEADLINE_MS,
      }),
  ],
  [
    'Prometheus',
    'wrong-shape',
    (url: string, logger: ReturnType<typeof createQuietLogger>) =>
      createPrometheusCollector({
        url,
        metrics: ['*'],
        logger,
        deadlineMs: DEADLINE_MS,
        maxAnswerBytes: 1_048_576,
      }),
  ],
] as const

/** Every number, text and flag in a sample, apart from the notes on what is missing. */
function readingsIn(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return value === null ? [] : [value]
  return Object.entries(value).flatMap(([key, inner]) => (key === 'unavailable' ? [] : readingsIn(inner)))
}

describe.each(SOURCES)('a %s endpoint', (_kind, html, collectorOf) => {
  it.each(HOSTILE_ENDPOINTS)(
    'that %s gives a sample without a single reading, and the reason',
    async (_what, reason, handler) => {
      const logger = createQuietLogger()
      const url = await endpoint(handler)
      const sample = (await collectorOf(url, logger).sample()) as { unavailable: Record<string, string> }
      expect(readingsIn(sample)).toEqual([])
      const word = reason === 'html' ? html : reason
      // A bound of bytes and a deadline race on a slow machine; either ends it.
      const accepted = word === 'too-large' ? ['too-large', 'timeout'] : [word]
      expect(
        Object.values(sample.unavailable).filter((said) => !accepted.includes(said) && said !== word),
      ).toEqual([])
      const said = JSON.stringify([sample, logger.lines])
      expect(said).not.toContain('key-that-stays-secret')
      expect(said).not.toContain('127.0.0.1')
    },
  )

  it('that is stopped between two samples is missed, and read again when it is back', async () => {
    let isUp = true
    const url = await endpoint((request, response) => {
      request.resume()
      if (isUp) response.end('{"jsonrpc":"2.0","id":1,"result":"ok"}')
      else request.socket.destroy()
    })
    const collector = collectorOf(url, createQuietLogger())
    const reasonsNow = async () =>
      Object.values(((await collector.sample()) as { unavailable: object }).unavailable)
    expect(await reasonsNow()).not.toContain('unreachable')
    isUp = false
    expect(await reasonsNow()).toContain('unreachable')
    isUp = true
    expect(await reasonsNow()).not.toContain('unreachable')
  })

  it('ends with the caller’s signal', async () => {
    const url = await endpoint((request) => request.resume())
    await expect(collectorOf(url, createQuietLogger()).sample(AbortSignal.abort())).rejects.toThrow('abort')
  })
})
