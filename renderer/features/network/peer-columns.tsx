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

function wayOf({ direction, isRelayed, isListed }: NetworkPeer): string {
  return [
    direction === 'inbound' ? 'came here' : 'dialled',
    isRelayed ? 'through a relay' : '',
    isListed ? 'listed' : '',
  ]
    .filter(Boolean)
    .join(', ')
}
