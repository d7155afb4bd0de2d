import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { formatCount, formatDuration, formatSize } from '../../../shared/format/quantity.ts'
import type { NetworkQuery, QueryPeer } from '../../api/network-types.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { ShortId } from '../../ui/short-id.tsx'
import { Time } from '../../ui/time.tsx'
import classes from './network.module.css'

const STATES: Record<NetworkQuery['state'], string> = {
  running: 'under way',
  done: 'done',
  failed: 'failed',
  closed: 'closed before its end',
}

/** One query over all nodes: how far it is, what each peer brought, and what could not be had. */
export function QueryCard({ query: { part, startedAt, state, report } }: { query: NetworkQuery }) {
  const { range, compared, peers, unreached, messages, brought, isComplete, elapsedMs } = report
  const columns: readonly Column<QueryPeer>[] = [
    {
      title: 'Peer',
      kind: 'name',
      cell: ({ address }) => <ShortId id={address} what="Streamr address" head={8} tail={6} />,
    },
    {
      title: 'Where it is',
      width: '26%',
      cell: ({ asking }) => <Lane range={range} compared={compared} asking={asking} />,
    },
    { title: 'How it did', cell: (peer) => howItDid(peer, state) },
    {
      title: 'Said it holds',
      kind: 'number',
      cell: ({ claimed }) => (claimed === null ? '–' : formatCount(claimed)),
    },
    { title: 'Brought', kind: 'number', cell: (peer) => formatCount(peer.brought) },
    {
      title: 'Bytes',
      kind: 'number',
      cell: ({ sentBytes, receivedBytes }) => formatSize(sentBytes + receivedBytes),
    },
  ]
  return (
    <article className={classes.query} aria-label={`Query started ${new Date(startedAt).toISOString()}`}>
      <p className={classes.queryHead}>
        <strong>{STATES[state]}</strong>
        <Time at={startedAt} short />
        <span>
          {formatCount(messages)} messages, {formatCount(brought)} of them brought by peers, in{' '}
          {formatDuration(elapsedMs)}
        </span>
        <PlainText>{shortenMiddle(part, 24, 24)}</PlainText>
      </p>
      {peers.length === 0 ? <p className={classes.sub}>No connected peer answers for this stream.</p> : null}
      {peers.length === 0 ? null : (
        <DataTable
          columns={columns}
          rows={peers}
          keyOf={({ peerId }) => peerId}
          label={`What each peer brought to the query of ${new Date(startedAt).toISOString()}`}
        />
      )}
      {state !== 'done' || peers.length === 0 ? null : isComplete ? (
        <p className={classes.sub}>Everything that any of them holds is in the answer.</p>
      ) : (
        <ul className={classes.list}>
          {unreached.map(({ from, to, address, claimed, why }) => (
            <li key={`${address} ${from}`}>
              Not had: {formatCount(claimed)} messages of {shortenMiddle(address, 8, 6)},{' '}
              <Time at={from} short /> to <Time at={to} short /> ({why})
            </li>
          ))}
        </ul>
      )}
    </article>
  )
}

function howItDid({ asking, outcome, fault, suspicions }: QueryPeer, state: NetworkQuery['state']): string {
  if (fault !== null) return `${outcome}: ${fault.sentence}`
  if (suspicions.length > 0) return `${outcome}, under suspicion: ${suspicions.join(', ')}`
  if (state === 'running') return asking === null ? 'waits its turn' : 'is asked'
  return outcome
}

interface Stretch {
  from: number
  to: number
}

/** The range from left to right: what has been compared, and the stretch this peer is being asked about. */
function Lane(props: { range: Stretch | null; compared: Stretch | null; asking: Stretch | null }) {
  const { range, compared, asking } = props
  if (range === null) return null
  const x = (at: number) => Math.min(100, Math.max(0, ((at - range.from) / (range.to - range.from)) * 100))
  const bar = ({ from, to }: Stretch, className: string | undefined) => (
    <rect x={x(from)} y={2} width={Math.max(1, x(to) - x(from))} height={4} className={className} />
  )
  return (
    <svg viewBox="0 0 100 8" preserveAspectRatio="none" className={classes.laneBar} aria-hidden>
      <rect x={0} y={3.5} width={100} height={1} className={classes.laneBase} />
      {compared === null ? null : bar(compared, classes.laneDone)}
      {asking === null ? null : bar(asking, classes.laneAsking)}
    </svg>
  )
}
