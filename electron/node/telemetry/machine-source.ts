import systeminformation from 'systeminformation'
import { Unavailable } from './collector.ts'
import { readDiskCounters, readNetworkCounters, readProcessCounts } from './linux-counters.ts'
import { MAX_CORES } from './machine-schema.ts'

/** Where one machine's readings come from. Traffic is given as counters that only grow. */
export interface MachineSource {
  cpu(): Promise<{ total: number; cores: number[] }>
  memory(): Promise<{ total: number; used: number; swap: number }>
  disk(): Promise<{ read: number; write: number }>
  network(): Promise<{ received: number; sent: number }>
  processes(): Promise<{ total: number; running: number }>
  /** How often each may be read, ms: what starts another program is read more seldom. */
  everyMs: Record<'memory' | 'disk' | 'network' | 'processes', number>
}

/**
 * `systeminformation` everywhere, except for what it asks other programs for on Linux: there the kernel's own
 * counters say the same for a hundredth of the cost. Keeps state in the library's module: one source a process.
 */
export function createMachineSource(platform: NodeJS.Platform): MachineSource {
  const portable: MachineSource = {
    cpu: readCpu,
    memory: readMemory,
    disk: readPortableDisk,
    network: readPortableNetwork,
    processes: readPortableProcesses,
    everyMs: { memory: 5_000, disk: 5_000, network: 5_000, processes: 30_000 },
  }
  if (platform !== 'linux') return portable
  return {
    ...portable,
    disk: readDiskCounters,
    network: readNetworkCounters,
    processes: readProcessCounts,
    everyMs: { memory: 1_000, disk: 1_000, network: 1_000, processes: 5_000 },
  }
}

async function readCpu(): Promise<{ total: number; cores: number[] }> {
  const load = await systeminformation.currentLoad()
  return {
    total: finite(load.currentLoad),
    cores: load.cpus.slice(0, MAX_CORES).map((core) => finite(core.load)),
  }
}

async function readMemory(): Promise<{ total: number; used: number; swap: number }> {
  const memory = await systeminformation.mem()
  // `used` of the library counts caches, which the system gives away when asked.
  return { total: positive(memory.total), used: positive(memory.active), swap: finite(memory.swapused) }
}

async function readPortableDisk(): Promise<{ read: number; write: number }> {
  const traffic: { rx: number; wx: number } | null = await systeminformation.fsStats()
  if (traffic === null) throw new Unavailable('not-supported')
  return { read: finite(traffic.rx), write: finite(traffic.wx) }
}

async function readPortableNetwork(): Promise<{ received: number; sent: number }> {
  const [traffic] = await systeminformation.networkStats()
  if (traffic === undefined) throw new Unavailable('not-supported')
  return { received: finite(traffic.rx_bytes), sent: finite(traffic.tx_bytes) }
}

async function readPortableProcesses(): Promise<{ total: number; running: number }> {
  const { all, running } = await systeminformation.processes()
  return { total: positive(all), running: finite(running) }
}

/** The library answers what it could not read with NaN, null or, for things that cannot be zero, with zero. */
function finite(value: number): number {
  if (!Number.isFinite(value) || value < 0) throw new Unavailable('failed')
  return value
}

function positive(value: number): number {
  if (finite(value) === 0) throw new Unavailable('failed')
  return value
}
