import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { Unavailable } from './collector.ts'

/** Linux counts sectors in 512 bytes, whatever the disk's own size is (kernel, `Documentation/block/stat.rst`). */
const SECTOR_BYTES = 512
/** Far above what these files hold on machines with hundreds of disks and interfaces. */
const MAX_PROC_FILE_BYTES = 256 * 1024
const buffer = Buffer.alloc(MAX_PROC_FILE_BYTES)
/** Devices whose traffic is another device's too, or memory: counting them would count twice. */
const VIRTUAL_DISK = /^(loop|ram|zram|dm-|md|sr|fd|nbd)/

/** Bytes read and written since boot, all physical disks (`/proc/diskstats`). */
export async function readDiskCounters(): Promise<{ read: number; write: number }> {
  return parseDiskStats(readProcFile('/proc/diskstats'), new Set(readdirSync('/sys/block')))
}

/** @throws Unavailable when no whole disk is listed. */
export function parseDiskStats(
  text: string,
  wholeDisks: ReadonlySet<string>,
): { read: number; write: number } {
  let read = 0
  let write = 0
  let disks = 0
  for (const line of text.split('\n')) {
    const columns = line.trim().split(/\s+/)
    const name = columns[2]
    if (name === undefined || VIRTUAL_DISK.test(name) || !wholeDisks.has(name)) continue
    read += count(columns[5]) * SECTOR_BYTES
    write += count(columns[9]) * SECTOR_BYTES
    disks += 1
  }
  if (disks === 0) throw new Unavailable('not-supported')
  return { read, write }
}

/** Bytes received and sent since boot on the interfaces of the default route (`/proc/net/dev`). */
export async function readNetworkCounters(): Promise<{ received: number; sent: number }> {
  return parseNetworkDevices(
    readProcFile('/proc/net/dev'),
    defaultRouteInterfaces(readProcFile('/proc/net/route')),
  )
}

/** Names of the interfaces that lead out, from `/proc/net/route`; empty without a default route. */
export function defaultRouteInterfaces(text: string): Set<string> {
  const rows = text.split('\n').map((line) => line.split(/\s+/))
  return new Set(rows.filter(([, destination]) => destination === '00000000').map(([name]) => name ?? ''))
}

/** Without a default route all interfaces but the loopback count. @throws Unavailable when there is none. */
export function parseNetworkDevices(
  text: string,
  wanted: ReadonlySet<string>,
): { received: number; sent: number } {
  let received = 0
  let sent = 0
  let interfaces = 0
  for (const line of text.split('\n')) {
    const [name, rest] = line.split(':')
    if (name === undefined || rest === undefined) continue
    const isWanted = wanted.size > 0 ? wanted.has(name.trim()) : name.trim() !== 'lo'
    if (!isWanted) continue
    const columns = rest.trim().split(/\s+/)
    received += count(columns[0])
    sent += count(columns[8])
    interfaces += 1
  }
  if (interfaces === 0) throw new Unavailable('not-supported')
  return { received, sent }
}

/** Processes there are (`/proc`) and those on a core or waiting for one (`procs_running` of `/proc/stat`). */
export async function readProcessCounts(): Promise<{ total: number; running: number }> {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return { total: processes.length, running: parseRunning(readProcFile('/proc/stat')) }
}

export function parseRunning(text: string): number {
  return count(/^procs_running (\d+)$/m.exec(text)?.[1])
}

/**
 * The kernel answers these from memory in microseconds: a turn through the thread pool for each open, read and
 * close would cost ten times the reading itself. They have no size to check, so a bounded buffer is filled.
 */
function readProcFile(path: string): string {
  const descriptor = openSync(path, 'r')
  try {
    let length = 0
    while (length < buffer.length) {
      const bytesRead = readSync(descriptor, buffer, length, buffer.length - length, null)
      if (bytesRead === 0) return buffer.toString('latin1', 0, length)
      length += bytesRead
    }
    throw new Unavailable('too-large')
  } finally {
    closeSync(descriptor)
  }
}

function count(text: string | undefined): number {
  const value = Number(text)
  if (text === undefined || !Number.isSafeInteger(value) || value < 0) throw new Unavailable('wrong-shape')
  return value
}
