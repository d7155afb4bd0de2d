import { z } from 'zod'
import type { Collector } from '../node/telemetry/collector.ts'
import type { DeliveryStatus } from '../node/telemetry/delivery.ts'
import type { OutboxSize } from '../node/telemetry/outbox.ts'
import { quantity, round, toPublishedSchema } from '../node/telemetry/schema.ts'

const MICROSECONDS_PER_SECOND = 1e6

const agentSampleSchema = z
  .strictObject({
    version: z.string().meta({ title: 'Version', description: 'Of Tidemark, whose agent publishes this.' }),
    uptime: quantity('s', 'Uptime', 'Since the agent was started.'),
    memory: quantity('B', 'Memory', 'Resident memory of the agent.'),
    cpu: quantity('%', 'CPU', 'Share of one core the agent used since the message before.'),
    waiting: quantity('1', 'Waiting', 'Measurements that are not delivered yet.'),
    oldest: quantity('s', 'Oldest waiting', 'Age of the oldest of them; 0 when there is none.'),
    dropped: quantity('1', 'Dropped', 'Measurements given up since the start, because the outbox was full.'),
    repeated: quantity('1', 'Repeated', 'Messages sent again since the start, because neighbours were lost.'),
  })
  .meta({ title: 'Agent telemetry', description: 'What the agent that publishes here says of itself.' })

type AgentSample = z.infer<typeof agentSampleSchema>

export interface AgentCollectorOptions {
  version: string
  outbox: () => OutboxSize
  delivery: () => DeliveryStatus
  now: () => number
}

/** The agent's own health: what it costs the machine, and what it could not publish. */
export function createAgentCollector({
  version,
  outbox,
  delivery,
  now,
}: AgentCollectorOptions): Collector<AgentSample> {
  let before = { cpu: process.cpuUsage(), at: performance.now() }
  return {
    name: 'agent',
    schema: toPublishedSchema(agentSampleSchema),
    async sample() {
      const { user, system } = process.cpuUsage(before.cpu)
      const at = performance.now()
      const seconds = Math.max((at - before.at) / 1_000, 0.001)
      before = { cpu: process.cpuUsage(), at }
      const { entries, oldestTimestamp, dropped } = outbox()
      return {
        version,
        uptime: round(process.uptime(), 0),
        memory: process.memoryUsage.rss(),
        cpu: round((100 * (user + system)) / MICROSECONDS_PER_SECOND / seconds, 2),
        waiting: entries,
        oldest: oldestTimestamp === null ? 0 : round(Math.max(0, now() - oldestTimestamp) / 1_000, 1),
        dropped,
        repeated: delivery().repeated,
      }
    },
    async close() {
      // Nothing is held.
    },
  }
}
