import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, Registry } from 'prom-client'
import { VERDICTS } from '../../shared/verdict.ts'
import type { StorageNode } from '../node/storage-node.ts'

/** The monitor's own timer, ms: finer costs a share of a core by itself. */
const DELAY_RESOLUTION_MS = 20
const NANOSECONDS = 1e9

/** The node's own metrics in the text format of Prometheus. */
export interface NodeMetrics {
  readonly contentType: string
  text(): Promise<string>
  close(): void
}

/** Nothing is measured between two scrapes but the event loop's delay. */
export function createNodeMetrics(node: StorageNode): NodeMetrics {
  const registry = new Registry()
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS })
  delay.enable()
  const gauge = <Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ) => new Gauge({ name: `tidemark_${name}`, help, labelNames: [...labelNames], registers: [registry] })
  const total = (name: string, help: string) => {
    const counter = new Counter({ name: `tidemark_${name}`, help, registers: [registry] })
    // The node counts by itself: the metric says what it has counted.
    return (value: number): void => {
      counter.reset()
      counter.inc(value)
    }
  }

  const info = gauge('info', 'Version and environment of the node; always 1.', ['version', 'environment'])
  const uptime = gauge('uptime_seconds', 'Time since the node was started.')
  const stored = gauge('stored_messages', 'Messages on disk, by verdict.', ['verdict'])
  const storedBytes = gauge('stored_bytes', 'Raw bytes of the messages on disk.')
  const parts = gauge('stream_parts', 'Stream parts with messages on disk.')
  const gaps = gauge('gaps', 'Predecessors that were named and that nobody has shown.')
  const equivocations = gauge('equivocations', 'Messages that share their id with another content.')
  const clocksOff = gauge(
    'clocks_off',
    'Messages whose claimed time is out of bounds of when they were first seen, up to 10,000 a stream part.',
  )
  const notBySchema = gauge(
    'not_by_schema',
    'Messages that the schema of their stream does not allow, as it stands now, as far as they are counted.',
  )
  const dropped = gauge('dropped_messages', 'Messages that retention has removed, as far as still noted.')
  const lastMessage = gauge('last_message_timestamp_seconds', 'When the newest message was received.')
  const ingested = VERDICTS.map((verdict) => ({
    verdict,
    set: total(
      `ingested_${verdict}_total`,
      `Messages verified and stored since the start with the verdict ${verdict}.`,
    ),
  }))
  const refused = total('refused_total', 'Bytes that could not become a message, since the start.')
  const turnedAway = total(
    'turned_away_total',
    'Live messages not taken because the queue was full, since the start.',
  )
  const restarts = total(
    'verifier_restarts_total',
    'Verifier threads that died and were replaced, since the start.',
  )
  const queue = gauge('ingest_queue_messages', 'Messages taken and not yet on disk.')
  const queueBytes = gauge('ingest_queue_bytes', 'Their bytes.')
  const gapsWaiting = gauge('gap_fill_waiting', 'Gaps that wait for their next attempt.')
  const gapsGivenUp = gauge('gap_fill_given_up', 'Gaps nobody could fill.')
  const chainHeight = gauge('chain_height', 'Newest block of the registry’s chain this node has read.')
  const chainReachable = gauge('chain_reachable', '1 while an RPC endpoint of the chain answers.')
  const connected = gauge('streamr_connected', '1 while the Streamr network is joined.')
  const neighbours = gauge('streamr_neighbours', 'Neighbours on the Streamr network.')
  const peers = gauge('peers', 'Other nodes this one is connected to.')
  const disk = gauge('disk_bytes', 'Size of the node’s databases.')
  const diskFree = gauge('disk_free_bytes', 'Room left on their file system.')
  const alerts = gauge('alerts_firing', 'Alerts that are firing.')
  const problems = gauge('problems', 'Things that do not work at the moment, by code.', ['code'])
  const loop = gauge('event_loop_delay_seconds', 'How late timers fire, since the last scrape.', ['quantile'])
  const memory = gauge('resident_memory_bytes', 'Resident memory of the process.')
  const cpu = total('cpu_seconds_total', 'CPU time of the process.')

  async function collect(): Promise<void> {
    const [status, statistics] = await Promise.all([node.status(), node.store.statistics()])
    const load = node.ingestLoad()
    const sum = (of: (part: (typeof statistics)[number]) => number) =>
      statistics.reduce((all, part) => all + of(part), 0)
    info.reset()
    info.set({ version: status.version, environment: status.environment }, 1)
    uptime.set(status.uptimeS)
    for (const verdict of VERDICTS) stored.set({ verdict }, status.messages[verdict])
    storedBytes.set(sum(({ sizeBytes }) => sizeBytes))
    parts.set(statistics.length)
    gaps.set(sum((part) => part.gaps))
    equivocations.set(sum((part) => part.equivocations))
    clocksOff.set(sum((part) => part.clocksOff ?? 0))
    notBySchema.set(sum(({ part }) => node.schemaMarks.ofPart(part)?.broken ?? 0))
    dropped.set(sum((part) => part.dropped))
    // What is not known is left out, not told as zero.
    setOrLeaveOut(lastMessage, status.lastMessageAt === null ? null : status.lastMessageAt / 1_000)
    for (const { verdict, set } of ingested) set(load.verdicts[verdict])
    refused(load.refused)
    turnedAway(load.turnedAway)
    restarts(load.restarts)
    queue.set(load.unstored)
    queueBytes.set(load.unstoredBytes)
    const fill = node.gapFiller.summary()
    gapsWaiting.set(fill.waiting)
    gapsGivenUp.set(fill.givenUp)
    setOrLeaveOut(chainHeight, status.chain.height)
    chainReachable.set(status.chain.reachable ? 1 : 0)
    connected.set(status.streamr.connected ? 1 : 0)
    neighbours.set(status.streamr.neighbours)
    peers.set(status.peers)
    disk.set(status.diskBytes)
    diskFree.set(status.diskFreeBytes)
    alerts.set(status.alertsFiring)
    problems.reset()
    for (const { code } of status.problems) problems.inc({ code })
    for (const [quantile, seconds] of delays(delay)) loop.set({ quantile }, seconds)
    delay.reset()
    memory.set(process.memoryUsage.rss())
    const { user, system } = process.cpuUsage()
    cpu((user + system) / 1e6)
  }

  /** Scrapers that come at once get one answer: each costs a look at the store. */
  let under: Promise<string> | undefined
  return {
    contentType: registry.contentType,
    text() {
      under ??= collect()
        .then(() => registry.metrics())
        .finally(() => {
          under = undefined
        })
      return under
    },
    close: () => {
      delay.disable()
    },
  }
}

function setOrLeaveOut(metric: Gauge, value: number | null): void {
  if (value === null) metric.remove()
  else metric.set(value)
}

/** Without ticks since the last scrape there is nothing to tell. */
function delays(histogram: ReturnType<typeof monitorEventLoopDelay>): [string, number][] {
  if (histogram.count === 0) return []
  const seconds = (nanoseconds: number) =>
    Math.max(0, nanoseconds / NANOSECONDS - DELAY_RESOLUTION_MS / 1_000)
  return [
    ['0.5', seconds(histogram.percentile(50))],
    ['0.99', seconds(histogram.percentile(99))],
    ['1', seconds(histogram.max)],
  ]
}
