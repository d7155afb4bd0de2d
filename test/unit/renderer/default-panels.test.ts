import { describe, expect, it } from 'vitest'
import { CHAIN_SCHEMA } from '../../../electron/node/telemetry/chain-schema.ts'
import { MACHINE_SCHEMA } from '../../../electron/node/telemetry/machine-schema.ts'
import {
  defaultPanels,
  MAX_FIELDS_PER_PANEL,
  MAX_PANELS,
  panelsOf,
} from '../../../renderer/features/workspace/default-panels.ts'
import { noteOfField } from '../../../renderer/ui/field-notes.ts'
import type { FieldSummary } from '../../../shared/chart.ts'

const field = (path: string, lastValue: FieldSummary['lastValue'] = 1): FieldSummary => ({
  path,
  kind: typeof lastValue === 'string' ? 'text' : 'number',
  indexed: true,
  lastValue,
  lastTimestamp: 1,
})

const machine = [
  'age.memory',
  'age.disk',
  'cpu.total',
  'cpu.cores.0',
  'cpu.cores.1',
  'cpu.cores.10',
  'cpu.cores.2',
  'disk.free',
  'disk.read',
  'disk.total',
  'disk.write',
  'eventLoop.max',
  'eventLoop.p50',
  'eventLoop.p99',
  'load.m1',
  'load.m15',
  'load.m5',
  'memory.swap',
  'memory.total',
  'memory.used',
  'network.received',
  'network.sent',
  'processes.running',
  'processes.total',
].map((path) => field(path))

describe('panels made by themselves', () => {
  it('show the liveliest of a machine first, in the order of its schema', () => {
    const panels = defaultPanels(machine, MACHINE_SCHEMA)
    expect(panels.map((panel) => panel.title)).toEqual([
      'CPU',
      'Load',
      'Memory',
      'Disk · read, write',
      'Network',
      'Event loop',
    ])
    expect(panels[0]).toMatchObject({
      unit: '%',
      fields: ['cpu.total', 'cpu.cores.0', 'cpu.cores.1', 'cpu.cores.2', 'cpu.cores.10'],
    })
  })

  it('draw values of very different size apart where no unit says they belong together', () => {
    const panels = defaultPanels(
      [field('block.height', 4_210_000), field('block.transactions', 3), field('peers', 2)],
      CHAIN_SCHEMA,
    )
    const withHeight = panels.find((panel) => panel.fields.includes('block.height'))
    expect(withHeight?.fields).toEqual(['block.height'])
  })

  it('tell the panels of one branch apart by what they show', () => {
    const chain = [
      'block.height',
      'block.time',
      'block.gasUsed',
      'block.gasLimit',
      'block.baseFee',
      'latency',
    ]
    const panels = defaultPanels(
      chain.map((path) => field(path, path === 'block.time' ? 1_795_196_575 : 40)),
      CHAIN_SCHEMA,
    )
    expect(panels.map((panel) => panel.title)).toEqual([
      'Height',
      'Block time',
      'Block · gas used, gas limit',
      'Base fee',
      'Latency',
    ])
    expect(new Set(panels.map((panel) => panel.title)).size).toBe(panels.length)
  })

  it('stay within their bounds, however many fields there are, and leave out what is no number', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => field(`f${index % 50}.x${index}`))
    const panels = defaultPanels([...many, field('name', 'text')], undefined)
    expect(panels).toHaveLength(MAX_PANELS)
    for (const panel of panels) expect(panel.fields.length).toBeLessThanOrEqual(MAX_FIELDS_PER_PANEL)
    expect(panels.flatMap((panel) => panel.fields)).not.toContain('name')
  })

  it('show every field somebody chose, once', () => {
    const chosen = [...machine.map(({ path }) => path), 'not.heard.of.yet']
    const shown = panelsOf(chosen, machine, MACHINE_SCHEMA).flatMap((panel) => panel.fields)
    expect(shown.toSorted()).toEqual(chosen.toSorted())
    expect(new Set(panelsOf(chosen, machine, MACHINE_SCHEMA).map((panel) => panel.id)).size).toBe(
      panelsOf(chosen, machine, MACHINE_SCHEMA).length,
    )
  })
})

describe('what is known of a field', () => {
  it('comes from the schema of the stream', () => {
    expect(noteOfField(MACHINE_SCHEMA, 'memory.used')).toMatchObject({ title: 'Memory in use', unit: 'B' })
    expect(noteOfField(MACHINE_SCHEMA, 'cpu.cores.3')).toMatchObject({ unit: '%' })
  })

  it('else from its name', () => {
    expect(noteOfField(undefined, 'rpc.latencyMs').unit).toBe('ms')
    expect(noteOfField(undefined, 'net.rxBytesPerSecond').unit).toBe('B/s')
    expect(noteOfField(undefined, 'items').unit).toBeNull()
  })

  it('is nothing for a schema that makes no sense', () => {
    for (const schema of [
      null,
      7,
      [],
      { properties: { a: 3 } },
      { properties: null, items: 'x', anyOf: 'y' },
    ]) {
      expect(noteOfField(schema, 'a.b.0')).toEqual({ title: null, unit: null, description: null })
    }
  })
})
