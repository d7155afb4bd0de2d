import type { Writable } from 'node:stream'
import { TidemarkError } from '../../shared/errors.ts'
import { formatSize } from '../../shared/format/quantity.ts'
import {
  type BackupProgressView,
  type FollowedLogView,
  type Keeper,
  keeperText,
  type LogRef,
  type PageView,
  type PublishedLogView,
  parseKeeper,
  type RemoteLogMode,
  type RestoreProgressView,
  type RestoreReportView,
} from '../../shared/remote-log.ts'
import type { ApiClient } from '../api/client.ts'
import { followWork } from './follow-work.ts'

const PROGRESS_INTERVAL_MS = 1_000

/** @throws TidemarkError `invalid-input` */
export function readKeeper(text: string): Keeper {
  const keeper = parseKeeper(text)
  if (keeper !== null) return keeper
  throw new TidemarkError(
    'invalid-input',
    `"${text.slice(0, 200)}" does not say who keeps the log.`,
    'Use embedded, ipfs, folder: and a path, or the address of a twirp server.',
  )
}

export interface PublishOptions {
  name?: string
  keeper: Keeper
  mode: RemoteLogMode
  pageSize: number
  embedNewest: number
  writeToken?: string
}

/** Publishes a stream part from now on and prints the name it has. */
export async function publish(
  { api }: ApiClient,
  part: string,
  options: PublishOptions,
  output: Writable,
): Promise<void> {
  const { name, keeper } = await api.remoteLog.publish.mutate({ part, ...options })
  output.write(`${name}\t${keeperText(keeper)}\n`)
}

/** The logs this node publishes and reads. */
export async function list({ api }: ApiClient, asJson: boolean, output: Writable): Promise<void> {
  const logs = await api.remoteLog.list.query()
  if (asJson) {
    output.write(`${JSON.stringify(logs)}\n`)
    return
  }
  for (const log of logs.published) output.write(`${publishedLine(log)}\n`)
  for (const log of logs.followed) output.write(`${followedLine(log)}\n`)
}

function publishedLine(log: PublishedLogView): string {
  const { name, keeper, part, mode, messages, pages, pageBytes, pendingUploads, isCurrent, problem } = log
  const state = problem?.message ?? (isCurrent ? 'current' : `${pendingUploads} uploads pending`)
  return `published ${name} (${keeperText(keeper)}), ${mode}: ${messages} messages of ${part} on ${pages} pages of ${formatSize(pageBytes)}; ${state}`
}

function followedLine(log: FollowedLogView): string {
  const { name, keeper, messages, pages, isFollowed, findings, problem } = log
  const state = problem?.message ?? `${findings.length} findings`
  return `${isFollowed ? 'followed' : 'restored'} ${name} (${keeperText(keeper)}): ${messages} messages on ${pages} pages; ${state}`
}

/** Follows a log: what it holds is restored, and its name is asked for news from now on. */
export async function follow({ api }: ApiClient, ref: LogRef): Promise<void> {
  await api.remoteLog.follow.mutate(ref)
}

export interface RunOutputs {
  output: Writable
  progress: Writable
  asJson: boolean
  signal: AbortSignal
}

type Run = 'restore' | 'verify'

/**
 * Restores or verifies a log and prints what came of it.
 * @returns whether all of the log was there and nothing was wrong with it
 */
export async function run({ api }: ApiClient, kind: Run, ref: LogRef, outputs: RunOutputs): Promise<boolean> {
  return finish((show) => followWork(api.remoteLog[kind], ref, show, outputs.signal), outputs)
}

export async function restoreBackup({ api }: ApiClient, file: string, outputs: RunOutputs): Promise<boolean> {
  return finish((show) => followWork(api.remoteLog.restoreBackup, { file }, show, outputs.signal), outputs)
}

type Told =
  | { kind: 'progress'; progress: RestoreProgressView }
  | { kind: 'report'; report: RestoreReportView }

async function finish(
  work: (show: (event: Told) => void) => Promise<void>,
  { output, progress, asJson }: RunOutputs,
): Promise<boolean> {
  let report: RestoreReportView | undefined
  const show = sometimes((told: RestoreProgressView) => progress.write(`${progressLine(told)}\n`))
  await work((event) => {
    if (event.kind === 'report') report = event.report
    else show(event.progress)
  })
  if (report === undefined) {
    throw new TidemarkError('internal', 'The node ended the work without a report.', 'Try again.')
  }
  if (asJson) output.write(`${JSON.stringify(report)}\n`)
  else writeReport(report, output)
  return report.isComplete && report.findings.length === 0
}

/** Lines that follow each other faster than anybody reads are left out. */
function sometimes<T>(show: (value: T) => void): (value: T) => void {
  let shownAt = Number.NEGATIVE_INFINITY
  return (value) => {
    const now = performance.now()
    if (now - shownAt < PROGRESS_INTERVAL_MS) return
    shownAt = now
    show(value)
  }
}

const progressLine = ({ restored, duplicates, pagesRead, bytesRead }: RestoreProgressView) =>
  `${restored.verified} verified, ${restored.pending} pending, ${duplicates} here already; ${pagesRead} pages, ${formatSize(bytesRead)}`

function writeReport(report: RestoreReportView, output: Writable): void {
  const { restored, duplicates, failed, messages, pages, isComplete, findings } = report
  output.write(
    `${isComplete ? 'complete' : 'incomplete'}: ${messages} messages on ${pages} pages; ${restored.verified} verified, ${restored.pending} pending, ${restored.unauthorised} unauthorised, ${restored.forged} forged, ${restored.refused} refused, ${duplicates} here already, ${failed} out of reach\n`,
  )
  for (const { sentence } of findings) output.write(`${sentence}\n`)
}

/** Prints a page: the head when no address is given. */
export async function inspect(
  { api }: ApiClient,
  ref: LogRef,
  address: string | null,
  { output, asJson, signal }: Omit<RunOutputs, 'progress'>,
): Promise<void> {
  const page = await api.remoteLog.inspect.query({ ...ref, address }, { signal })
  if (asJson) output.write(`${JSON.stringify(page)}\n`)
  else writePage(page, output)
}

function writePage({ address, isHead, sizeBytes, entries, tail, cas }: PageView, output: Writable): void {
  output.write(
    `${isHead ? 'head' : 'page'} ${address}, ${formatSize(sizeBytes)}, ${entries.length} messages\n`,
  )
  for (const { message, address: at, isEmbedded, id } of entries) {
    const time = id === null ? '' : ` ${new Date(id.timestamp).toISOString()} ${id.publisher}`
    output.write(`${message} ${isEmbedded ? 'embedded' : (at ?? '')}${time}\n`)
  }
  for (const place of cas) output.write(`content at ${place}\n`)
  output.write(`page before: ${tail ?? 'none'}\n`)
}

export async function backUp(
  { api }: ApiClient,
  ref: LogRef,
  file: string,
  { output, progress, signal }: Omit<RunOutputs, 'asJson'>,
): Promise<void> {
  const show = sometimes(({ messages, blocks, sizeBytes }: BackupProgressView) =>
    progress.write(`${messages} messages, ${blocks} blocks, ${formatSize(sizeBytes)}\n`),
  )
  await followWork(
    api.remoteLog.backUp,
    { ...ref, file },
    (event) => {
      if (event.kind === 'done') output.write(`${event.file}\n`)
      else show(event.progress)
    },
    signal,
  )
}
