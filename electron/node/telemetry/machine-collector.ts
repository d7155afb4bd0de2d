import { statfs } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { performance } from 'node:perf_hooks'
import type { Logger } from '../ports.ts'
import { type Collector, reasonOf, Unavailable, type UnavailableReason } from './collector.ts'
import { createEventLoopDelay, type EventLoopDelay } from './event-loop-delay.ts'
import { MACHINE_SCHEMA, type MachineSample } from './machine-schema.ts'
import { createMachineSource, type MachineSource } from './machine-source.ts'
import { createProbe, type Probe } from './probe.ts'
import { createRate } from './rate.ts'
import { round } from './schema.ts'

/** A reading that takes longer is missing: ten samples without an answer mean that something hangs. */
const READ_DEADLINE_MS = 10_000
/** A sample waits this long for readings that are due; slower ones are in the next one, with their age. */
const SAMPLE_PATIENCE_MS = 250
/** Free space moves slowly and a network file system may be slow to say. */
const SPACE_EVERY_MS = 10_000

export interface MachineCollectorOptions {
  logger: Logger
  /** A path on the file system whose space is told; the data folder. Default: the working folder. */
  diskPath?: string
  /** Tests bring their own; default: this machine. */
  source?: MachineSource
  monotonic?: () => number
}

/**
 * Measures this machine: CPU, load, memory, disk, network, processes, and the event-loop delay of the calling
 * thread. Sampled once a second on Linux it takes under 1 % of a core, half of that for the event-loop monitor, and
 * starts no other program.
 */
export function createMachineCollector(options: MachineCollectorOptions): Collector<MachineSample> {
  return new MachineCollector(options)
}

type Unavailables = Record<string, UnavailableReason>

class MachineCollector implements Collector<MachineSample> {
  readonly name = 'machine'
  readonly schema = MACHINE_SCHEMA
  readonly #source: MachineSource
  readonly #delay: EventLoopDelay
  readonly #memory: Probe<{ total: number; used: number; swap: number }>
  readonly #space: Probe<{ total: number; free: number }>
  readonly #disk: Probe<{ read: number; write: number }>
  readonly #network: Probe<{ received: number; sent: number }>
  readonly #processes: Probe<{ total: number; running: number }>

  constructor({
    logger,
    diskPath = '.',
    source,
    monotonic = () => performance.now(),
  }: MachineCollectorOptions) {
    const from = source ?? createMachineSource(process.platform)
    const probe = <T>(name: string, everyMs: number, read: () => Promise<T>): Probe<T> =>
      createProbe({ name, everyMs, read, deadlineMs: READ_DEADLINE_MS, monotonic, logger })
    this.#source = from
    this.#memory = probe('memory', from.everyMs.memory, from.memory)
    this.#space = probe('space', SPACE_EVERY_MS, () => readSpace(diskPath))
    this.#disk = probe('disk', from.everyMs.disk, createRate(from.disk, monotonic))
    this.#network = probe('network', from.everyMs.network, createRate(from.network, monotonic))
    this.#processes = probe('processes', from.everyMs.processes, from.processes)
    this.#delay = createEventLoopDelay()
    // The first reading of a counter and of the CPU is only a beginning: take it now, so that the first sample is whole.
    this.#source.cpu().catch((error: unknown) => logger.debug({ error }, 'the CPU could not be read'))
    void this.#refresh(0)
  }

  async sample(): Promise<MachineSample> {
    const unavailable: Unavailables = {}
    const missing = (path: string, error: unknown): null => {
      unavailable[path] = reasonOf(error)
      return null
    }
    const [cpu] = await Promise.all([
      this.#source.cpu().catch((error: unknown) => missing('cpu', error)),
      this.#refresh(SAMPLE_PATIENCE_MS),
    ])
    const memory = take('memory', this.#memory, unavailable)
    const space = take('disk.total', this.#space, unavailable)
    const disk = take('disk.read', this.#disk, unavailable)
    const network = take('network', this.#network, unavailable)
    const processes = take('processes', this.#processes, unavailable)
    if (space.value === null) unavailable['disk.free'] = unavailable['disk.total'] ?? 'failed'
    if (disk.value === null) unavailable['disk.write'] = unavailable['disk.read'] ?? 'failed'
    const delay = this.#delay.take() ?? missing('eventLoop', new Unavailable('not-yet'))
    const load = process.platform === 'win32' ? missing('load', new Unavailable('not-supported')) : loadavg()
    const decimals = (value: number | null | undefined, places: number): number | null =>
      value === null || value === undefined ? null : round(value, places)

    return {
      cpu: { total: decimals(cpu?.total, 1), cores: cpu?.cores.map((core) => round(core, 1)) ?? null },
      load: { m1: decimals(load?.[0], 2), m5: decimals(load?.[1], 2), m15: decimals(load?.[2], 2) },
      memory: memory.value ?? { total: null, used: null, swap: null },
      disk: {
        total: space.value?.total ?? null,
        free: space.value?.free ?? null,
        read: disk.value?.read ?? null,
        write: disk.value?.write ?? null,
      },
      network: network.value ?? { received: null, sent: null },
      processes: processes.value ?? { total: null, running: null },
      eventLoop: delay ?? { p50: null, p99: null, max: null },
      age: {
        memory: memory.ageS,
        space: space.ageS,
        disk: disk.ageS,
        network: network.ageS,
        processes: processes.ageS,
      },
      ...(Object.keys(unavailable).length > 0 ? { unavailable } : {}),
    }
  }

  async close(): Promise<void> {
    this.#delay.close()
  }

  async #refresh(waitMs: number): Promise<void> {
    const probes = [this.#memory, this.#space, this.#disk, this.#network, this.#processes]
    await Promise.all(probes.map((probe) => probe.refresh(waitMs)))
  }
}

/** A probe's reading with its age in seconds; a missing one is noted under `path`. */
function take<T>(path: string, probe: Probe<T>, unavailable: Unavailables) {
  const reading = probe.latest()
  if (reading.known) return { value: reading.value, ageS: round(reading.ageMs / 1_000, 0) }
  unavailable[path] = reading.reason
  return { value: null, ageS: null }
}

async function readSpace(path: string): Promise<{ total: number; free: number }> {
  const space = await statfs(path)
  return { total: space.blocks * space.bsize, free: space.bavail * space.bsize }
}
