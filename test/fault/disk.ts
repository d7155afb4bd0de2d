import { execFile, spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openSqliteStore } from '../../electron/node/store/sqlite-store.ts'
import { type ChildReport, runChild } from './acknowledging-child.ts'
import { checkStore } from './check-store.ts'
import type { FaultReport } from './fault-report.ts'
import { numberedMessages } from './numbered-messages.ts'

const BATCHES = 8
const BATCH_SIZE = 10
/** Calls that fail in a row when the disk is full: several commits. */
const FULL_FOR_CALLS = 40

/** System calls of the run that can fail, and how. */
const FAULTS = [
  { call: 'pwrite64', error: 'ENOSPC', calls: FULL_FOR_CALLS },
  { call: 'pwrite64', error: 'EIO', calls: 1 },
  { call: 'fsync', error: 'EIO', calls: 1 },
  { call: 'fdatasync', error: 'EIO', calls: 1 },
  { call: 'ftruncate', error: 'ENOSPC', calls: 1 },
] as const

const ignore = (): undefined => undefined
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore }
const logger = { ...silent, child: () => logger }
const clock = { now: () => Date.now() }

/**
 * Makes every write and sync of a small run fail in turn, and fills a small disk to the brim. What was
 * acknowledged must be there afterwards, and storing must go on by itself when the disk is well again.
 * @param times most injections of each kind, spread over the run; all when not given
 */
export async function run(times: number = Number.POSITIVE_INFINITY): Promise<FaultReport> {
  const report: FaultReport = { tried: 0, acknowledged: 0, lost: 0, failures: 0, notes: [] }
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-disk-'))
  try {
    await injectFaults(folder, times, report)
    await fillDisk(folder, report)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return report
}

async function injectFaults(folder: string, times: number, report: FaultReport): Promise<void> {
  if (spawnSync('strace', ['-V']).error !== undefined) {
    report.notes.push('skipped: errors of single system calls, because strace is not installed')
    return
  }
  const empty = join(folder, 'empty.sqlite')
  const store = await openSqliteStore({ file: empty, logger, clock })
  await store.close()
  for (const { call, error, calls } of FAULTS) {
    const count = await countCalls(folder, empty, call)
    const step = Math.max(1, Math.floor(count / times))
    for (let at = 1; at <= count; at += step) {
      const file = await freshCopy(folder, empty)
      const inject = `inject=${call}:error=${error}:when=${at}..${at + calls - 1}`
      const child = await runChild({ ...smallRun(file), under: strace(call, '/dev/null', ['-e', inject]) })
      record(`${error} at ${call} ${at}`, file, child, report)
    }
  }
}

function smallRun(file: string) {
  return { file, first: 0, batches: BATCHES, size: BATCH_SIZE }
}

function strace(call: string, output: string, more: string[] = []): string[] {
  return ['strace', '-f', '--seccomp-bpf', '-o', output, '-e', `trace=${call}`, ...more]
}

/** How often a run makes a system call when nothing fails. */
async function countCalls(folder: string, empty: string, call: string): Promise<number> {
  const output = join(folder, 'calls.txt')
  const file = await freshCopy(folder, empty)
  await runChild({ ...smallRun(file), under: strace(call, output) })
  const lines = await readFile(output, 'utf8')
  return lines.split('\n').filter((line) => line.includes(`${call}(`)).length
}

async function freshCopy(folder: string, empty: string): Promise<string> {
  const file = join(folder, 'run', 'messages.sqlite')
  await rm(join(folder, 'run'), { recursive: true, force: true })
  await mkdir(join(folder, 'run'))
  await cp(empty, file)
  return file
}

function record(what: string, file: string, child: ChildReport, report: FaultReport): void {
  report.tried += 1
  const check = checkStore(file, child.acknowledged)
  report.acknowledged += check.acknowledged
  report.lost += check.lost
  const faults = [...check.faults]
  // A store that could not be opened says so, and has acknowledged nothing.
  const isRefused = child.said.some(
    (line) => line.startsWith('fail disk-full') || line.startsWith('fail data-folder'),
  )
  if (!isRefused) {
    if (!child.said.includes('done')) faults.push(`the process did not end well: ${child.said.join(', ')}`)
    const failed = child.said.filter((line) => line.startsWith('err'))
    if (failed.some((line) => !/disk-full|data-folder-unusable/.test(line))) faults.push(failed.join(', '))
    if (!child.said.some((line) => line.startsWith('read') && line.endsWith('well'))) {
      faults.push(`the store does not say that it is well again: ${child.said.join(', ')}`)
    }
    if (child.acknowledged.length < BATCHES) faults.push(`storing did not go on: ${child.said.join(', ')}`)
  }
  if (check.lost > 0) faults.push(`${check.lost} messages lost`)
  report.failures += faults.length
  report.notes.push(...faults.map((fault) => `${what}: ${fault}`))
}

/** A disk of a few megabytes is filled with messages, then room is made. */
async function fillDisk(folder: string, report: FaultReport): Promise<void> {
  const disk = join(folder, 'small-disk')
  await mkdir(disk)
  const mount = promisify(execFile)
  try {
    await mount('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk])
  } catch (error) {
    report.notes.push(`skipped: a full disk, because none could be mounted (${String(error).split('\n')[0]})`)
    return
  }
  try {
    const ballast = join(disk, 'ballast')
    await writeFile(ballast, Buffer.alloc(2_000_000))
    const file = join(disk, 'messages.sqlite')
    const store = await openSqliteStore({ file, logger, clock })
    const acknowledged: { first: number; count: number }[] = []
    const faults: string[] = []
    const append = async (first: number): Promise<string> => {
      try {
        await store.append(numberedMessages(first, 100))
        acknowledged.push({ first, count: 100 })
        return 'stored'
      } catch (error) {
        return (error as { code?: string }).code ?? String(error)
      }
    }
    let next = 0
    let outcome = 'stored'
    while (outcome === 'stored' && next < 1_000_000) {
      outcome = await append(next)
      next += 100
    }
    if (outcome !== 'disk-full') faults.push(`a full disk is called ${outcome}`)
    if (store.status().problem?.code !== 'disk-full')
      faults.push('the status does not say that the disk is full')
    const [statistics] = await store.statistics()
    const expected = acknowledged.length * 100
    if (statistics?.messages !== expected)
      faults.push(`${statistics?.messages} of ${expected} can be read while full`)
    await unlink(ballast)
    outcome = await append(next)
    if (outcome !== 'stored') faults.push(`with room again, storing gives ${outcome}`)
    if (store.status().problem !== null) faults.push('the status still says that the disk is full')
    await store.close()
    report.tried += 1
    const check = checkStore(file, acknowledged)
    report.acknowledged += check.acknowledged
    report.lost += check.lost
    faults.push(...check.faults)
    report.failures += faults.length
    report.notes.push(...faults.map((fault) => `full disk: ${fault}`))
  } finally {
    await mount('umount', [disk])
  }
}
