import type { Clock, Logger } from '../ports.ts'
import { boundedRequest } from './bounded-request.ts'
import { CLOCK_SCHEMA, type ClockSample } from './clock-schema.ts'
import { type Collector, Unavailable } from './collector.ts'
import { ENDPOINT_DEADLINE_MS, MAX_RPC_ANSWER_BYTES } from './limits.ts'
import { createReadings } from './readings.ts'
import { round } from './schema.ts'
import { askSntp, SNTP_PORT } from './sntp.ts'

/** `Date` has whole seconds: the time it stands for is on average half a second later. */
const DATE_HALF_MS = 500
/** Beyond this, blocks and signatures of a validator come visibly early or late. */
const OFF_BEYOND_MS = 1_000

export interface ClockCollectorOptions {
  /** `host[:port]` of an SNTP server, or an http or https address whose `Date` is read. */
  server: string
  logger: Logger
  clock: Clock
  /** Deadline of one answer, ms. Default 3,000. */
  deadlineMs?: number
}

interface Reading {
  offsetMs: number
  uncertaintyMs: number
  roundTripMs: number
  stratum: number | null
}

/** Compares this machine's clock with another: by SNTP to a millisecond, by an HTTP answer's `Date` to half a second. */
export function createClockCollector(options: ClockCollectorOptions): Collector<ClockSample> {
  const { server, logger, clock, deadlineMs = ENDPOINT_DEADLINE_MS } = options
  const isHttp = /^https?:$/.test(URL.parse(server)?.protocol ?? '')
  const read = (signal?: AbortSignal): Promise<Reading> =>
    isHttp
      ? readDate(server, clock, deadlineMs, signal)
      : readSntp({ ...splitServer(server), clock, deadlineMs, signal })
  return {
    name: 'clock',
    schema: CLOCK_SCHEMA,
    async sample(signal) {
      const readings = createReadings(logger, signal)
      const reading = await readings.orNull('offset', read(signal))
      if (reading === null) {
        const reason = readings.reason('offset') ?? 'failed'
        for (const path of ['uncertainty', 'roundTrip', 'health']) readings.missing(path, reason)
      }
      if (reading?.stratum == null)
        readings.missing('stratum', isHttp ? 'not-supported' : (readings.reason('offset') ?? 'failed'))
      return {
        method: isHttp ? 'http-date' : 'sntp',
        offset: reading === null ? null : round(reading.offsetMs, 1),
        uncertainty: reading === null ? null : round(reading.uncertaintyMs, 1),
        roundTrip: reading === null ? null : round(reading.roundTripMs, 1),
        stratum: reading?.stratum ?? null,
        health:
          reading === null
            ? null
            : Math.abs(reading.offsetMs) - reading.uncertaintyMs > OFF_BEYOND_MS
              ? 'off'
              : 'ok',
        ...readings.note(),
      }
    },
    async close() {
      // A socket lives as long as its question.
    },
  }
}

/** `host`, `host:port`, `[v6]` or `[v6]:port`. */
function splitServer(server: string): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(server) ?? []
  return { host: bracketed ?? plain ?? server, port: port === undefined ? SNTP_PORT : Number(port) }
}

async function readSntp(options: Parameters<typeof askSntp>[0]): Promise<Reading> {
  const { offsetMs, roundTripMs, stratum, rootMs } = await askSntp(options)
  return { offsetMs, roundTripMs, stratum, uncertaintyMs: roundTripMs / 2 + rootMs }
}

async function readDate(
  url: string,
  clock: Clock,
  deadlineMs: number,
  signal: AbortSignal | undefined,
): Promise<Reading> {
  const sentAt = clock.now()
  const { headers, latencyMs } = await boundedRequest({
    url,
    deadlineMs,
    maxBytes: MAX_RPC_ANSWER_BYTES,
    accept: '*/*',
    signal,
  })
  const told = Date.parse(headers.get('date') ?? '')
  if (!Number.isFinite(told)) throw new Unavailable('absent')
  return {
    offsetMs: told + DATE_HALF_MS - (sentAt + latencyMs / 2),
    uncertaintyMs: DATE_HALF_MS + latencyMs / 2,
    roundTripMs: latencyMs,
    stratum: null,
  }
}
