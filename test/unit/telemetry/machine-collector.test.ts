import { freemem, totalmem } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { type Collector, Unavailable } from '../../../electron/node/telemetry/collector.ts'
import { createMachineCollector } from '../../../electron/node/telemetry/machine-collector.ts'
import {
  MACHINE_SCHEMA,
  type MachineSample,
  machineSampleSchema,
} from '../../../electron/node/telemetry/machine-schema.ts'
import type { MachineSource } from '../../../electron/node/telemetry/machine-source.ts'
import { createQuietLogger } from './quiet-logger.ts'

const open: Collector<object>[] = []
afterEach(async () => {
  for (const collector of open.splice(0)) await collector.close()
})

function machine(
  options: { source?: MachineSource; monotonic?: () => number } = {},
): Collector<MachineSample> {
  const collector = createMachineCollector({ logger: createQuietLogger(), ...options })
  open.push(collector)
  return collector
}

describe('the collector on the real machine', () => {
  it('reads what this machine says of itself, and the sample matches its schema', async () => {
    const collector = machine()
    await wait(1_100)
    const sample = await collector.sample()
    expect(machineSampleSchema.parse(sample)).toEqual(sample)
    expect(sample.memory.total).toBeGreaterThan(0.9 * totalmem())
    expect(sample.memory.total).toBeLessThan(1.1 * totalmem())
    expect(freemem()).toBeLessThan(sample.memory.total ?? 0)
    expect(sample.cpu.cores?.length).toBeGreaterThan(0)
    expect(sample.disk.free).toBeLessThan(sample.disk.total ?? 0)
    expect(sample.processes.total).toBeGreaterThan(1)
    expect(sample.eventLoop.max).toBeGreaterThanOrEqual(sample.eventLoop.p50 ?? Number.NaN)
  })

  it('a sample is a compact message with its keys in the order of the schema', async () => {
    const collector = machine()
    await wait(1_100)
    const sample = await collector.sample()
    const withoutCores = { ...sample, cpu: { ...sample.cpu, cores: [] } }
    expect(JSON.stringify(withoutCores).length).toBeLessThan(420)
    const order = Object.keys(machineSampleSchema.shape).filter((key) => key in sample)
    expect(Object.keys(sample)).toEqual(order)
  })

  it('a stall of the event loop shows in the next sample and not in the one after', async () => {
    const collector = machine()
    await wait(100)
    await collector.sample()
    await wait(60)
    const until = performance.now() + 150
    while (performance.now() < until);
    await wait(60)
    const stalled = await collector.sample()
    expect(stalled.eventLoop.max).toBeGreaterThan(100)
  })
})

describe('the published schema', () => {
  it('names its dialect and a unit for every number a chart can draw', () => {
    expect(MACHINE_SCHEMA.$schema).toBe('https://json-schema.org/draft/2020-12/schema')
    const leaves: string[] = []
    const walk = (schema: Record<string, unknown>, path: string): void => {
      const properties = schema.properties as Record<string, Record<string, unknown>> | undefined
      if (properties !== undefined) {
        for (const [key, value] of Object.entries(properties))
          if (key !== 'unavailable') walk(value, `${path}.${key}`)
        return
      }
      expect(schema.unit, path).toBeTypeOf('string')
      expect(schema.title, path).toBeTypeOf('string')
      leaves.push(path)
    }
    walk(MACHINE_SCHEMA, '')
    expect(leaves.length).toBeGreaterThan(20)
  })
})

const reading = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<() => Promise<T>> =>
  fc.oneof(
    value.map((it) => () => Promise.resolve(it)),
    fc
      .constantFrom('not-supported', 'failed')
      .map((reason) => () => Promise.reject(new Unavailable(reason as 'failed'))),
    fc.constant(() => Promise.reject(new Error('secret path /home/someone'))),
  )
const amount = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const percent = fc.double({ min: 0, max: 100, noNaN: true })

describe('whatever a machine says', () => {
  it('a sample matches its schema, and what is missing is null with a reason, never zero', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          cpu: reading(fc.record({ total: percent, cores: fc.array(percent, { maxLength: 64 }) })),
          memory: reading(fc.record({ total: amount, used: amount, swap: amount })),
          disk: reading(fc.record({ read: amount, write: amount })),
          network: reading(fc.record({ received: amount, sent: amount })),
          processes: reading(fc.record({ total: amount, running: amount })),
        }),
        async (source) => {
          let now = 0
          const collector = machine({
            source: { ...source, everyMs: { memory: 1_000, disk: 1_000, network: 1_000, processes: 1_000 } },
            monotonic: () => now,
          })
          await collector.sample()
          now += 1_000
          const sample = machineSampleSchema.parse(await collector.sample())
          const reasons = sample.unavailable ?? {}
          for (const group of ['cpu', 'memory', 'network', 'processes'] as const) {
            const isMissing = Object.values(sample[group]).every((value) => value === null)
            expect(isMissing, group).toBe(group in reasons)
          }
          expect(sample.disk.read === null).toBe('disk.read' in reasons)
          expect(JSON.stringify(sample)).not.toContain('secret')
        },
      ),
      { numRuns: 50 },
    )
  })

  it('a reading that hangs is missing after its deadline, is never started twice, and comes back with it', async () => {
    let now = 0
    let started = 0
    const hanging = Promise.withResolvers<{ total: number; running: number }>()
    const collector = machine({
      monotonic: () => now,
      source: {
        cpu: async () => ({ total: 1, cores: [1] }),
        memory: async () => ({ total: 2, used: 1, swap: 0 }),
        disk: async () => ({ read: 0, write: 0 }),
        network: async () => ({ received: 0, sent: 0 }),
        processes: () => {
          started += 1
          return hanging.promise
        },
        everyMs: { memory: 1_000, disk: 1_000, network: 1_000, processes: 1_000 },
      },
    })
    expect((await collector.sample()).unavailable?.processes).toBe('not-yet')
    now += 12_000
    expect((await collector.sample()).unavailable?.processes).toBe('timeout')
    expect(started).toBe(1)
    hanging.resolve({ total: 7, running: 1 })
    now += 1_000
    await collector.sample()
    expect((await collector.sample()).processes).toEqual({ total: 7, running: 1 })
  })

  it('a reading taken more seldom than samples is published with its age', async () => {
    let now = 0
    const collector = machine({
      monotonic: () => now,
      source: {
        cpu: async () => ({ total: 1, cores: [1] }),
        memory: async () => ({ total: 2, used: 1, swap: 0 }),
        disk: async () => ({ read: 0, write: 0 }),
        network: async () => ({ received: 0, sent: 0 }),
        processes: async () => ({ total: 7, running: 1 }),
        everyMs: { memory: 1_000, disk: 1_000, network: 1_000, processes: 30_000 },
      },
    })
    await collector.sample()
    now += 12_000
    const sample = await collector.sample()
    expect(sample.age).toMatchObject({ memory: 0, processes: 12 })
  })
})
