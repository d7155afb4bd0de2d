import type { Writable } from 'node:stream'
import { streamPartId } from '../../shared/message.ts'
import type { ApiClient } from '../api/client.ts'
import { type QueryOptions, writeRow } from './query.ts'

export interface FederatedQueryCommand extends QueryOptions {
  /** Whether what peers bring is kept on disk; as chosen for the stream part when it is left out. */
  keep?: boolean | undefined
}

type Portion = Awaited<ReturnType<ApiClient['api']['network']['nextOfQuery']['mutate']>>

/**
 * Prints the messages that any reachable node holds, in order and once each, then on `notes` who took part and what
 * could not be had. What is read sets the pace: a slow reader holds the peers back.
 */
export async function queryFederated(
  { api }: ApiClient,
  { keep, ...options }: FederatedQueryCommand,
  output: Writable,
  notes: Writable,
  signal: AbortSignal,
): Promise<void> {
  const { from, to, last } = options
  const part = streamPartId(options.streamId, options.partition)
  const { id } = await api.network.openQuery.mutate({ part, from, to, last, keep })
  let report: Portion['report'] = null
  try {
    while (report === null && !signal.aborted) {
      const portion: Portion = await api.network.nextOfQuery.mutate({ id }, { signal })
      report = portion.report
      // A preview is for eyes: what it shows comes again, in its place.
      if (portion.kind === 'preview') continue
      for (const row of portion.rows) await writeRow(output, row, options.json, signal)
    }
  } finally {
    if (report === null) await api.network.closeQuery.mutate({ id }).catch(() => undefined)
  }
  if (report !== null) notes.write(options.json ? `${JSON.stringify({ report })}\n` : toWords(report))
}

function toWords(report: NonNullable<Portion['report']>): string {
  const { peers, unreached, messages, brought, isComplete } = report
  const lines = peers.map(({ address, outcome, claimed, brought: count, fault }) => {
    const said = claimed === null ? '' : `, says it holds ${claimed}`
    return `  ${address}: ${outcome}, brought ${count}${said}${fault === null ? '' : ` (${fault.sentence})`}`
  })
  const missing = unreached.map(
    ({ from, to, address, claimed, why }) =>
      `  ${new Date(from).toISOString()} to ${new Date(to).toISOString()}: ${claimed} messages of ${address} (${why})`,
  )
  return [
    `${messages} messages, ${brought} of them brought by ${peers.length} other nodes.`,
    ...lines,
    isComplete ? 'Everything that any of them holds is in the answer.' : 'Not everything could be had:',
    ...missing,
    '',
  ].join('\n')
}
