import { formatCount, formatDuration, formatSize } from '../../../shared/format/quantity.ts'
import type { NetworkPeer } from '../../api/network-types.ts'
import type { Column } from '../../ui/data-table.tsx'
import { ShortId } from '../../ui/short-id.tsx'
import { Age } from '../../ui/time.tsx'
import classes from './network.module.css'

/** What is told of a peer, in a line. */
export const PEER_COLUMNS: readonly Column<NetworkPeer>[] = [
  { title: 'Node', kind: 'name', cell: (peer) => <Node peer={peer} /> },
  { title: 'Way', cell: (peer) => <span className={classes.sub}>{wayOf(peer)}</span> },
  { title: 'Score', kind: 'number', cell: ({ score }) => score.toFixed(0) },
  {
    title: 'Round trip',
    kind: 'number',
    cell: ({ roundTripMs }) => (roundTripMs === null ? '–' : formatDuration(roundTripMs)),
  },
  { title: 'Received', kind: 'number', cell: ({ traffic }) => formatSize(traffic.receivedBytes) },
  { title: 'Sent', kind: 'number', cell: ({ traffic }) => formatSize(traffic.sentBytes) },
  { title: 'Shared streams', kind: 'number', cell: ({ sharedParts }) => formatCount(sharedParts) },
  { title: 'Challenges', kind: 'number', cell: (peer) => <Challenges peer={peer} /> },
  { title: 'Connected', kind: 'number', cell: ({ connectedSince }) => <Age at={connectedSince} /> },
]

function Node({ peer: { address, peerId } }: { peer: NetworkPeer }) {
  return (
    <>
      {address === null ? (
        <span className={classes.sub}>Has not vouched for an address</span>
      ) : (
        <ShortId id={address} what="Streamr address" head={8} tail={6} />
      )}
      <div className={classes.sub}>
        <ShortId id={peerId} what="peer id" head={6} tail={6} />
      </div>
    </>
  )
}

/** How it did when it was asked at random for messages that it says it holds. */
function Challenges({ peer: { challenges } }: { peer: NetworkPeer }) {
  if (challenges === null) return <span className={classes.sub}>none yet</span>
  const { asked, held, lacked, unanswered } = challenges
  const failures = [
    lacked > 0 ? `${formatCount(lacked)} lacked` : '',
    unanswered > 0 ? `${formatCount(unanswered)} unanswered` : '',
  ].filter(Boolean)
  return (
    <span title="Messages it claims to cover, asked for at random: handed out, of all that were asked">
      {formatCount(held)} of {formatCount(asked)}
      {failures.length > 0 ? <div className={classes.sub}>{failures.join(', ')}</div> : null}
    </span>
  )
}

function wayOf({ direction, isRelayed, isListed }: NetworkPeer): string {
  return [
    direction === 'inbound' ? 'came here' : 'dialled',
    isRelayed ? 'through a relay' : '',
    isListed ? 'listed' : '',
  ]
    .filter(Boolean)
    .join(', ')
}
