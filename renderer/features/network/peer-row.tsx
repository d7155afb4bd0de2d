import { Button } from '@mantine/core'
import { formatCount, formatDuration, formatSize } from '../../../shared/format/quantity.ts'
import type { NetworkPeer } from '../../api/network-types.ts'
import { ShortId } from '../../ui/short-id.tsx'
import { Age } from '../../ui/time.tsx'
import classes from './network.module.css'

export function PeerRow({ peer, onBan }: { peer: NetworkPeer; onBan(peer: NetworkPeer): void }) {
  const { peerId, address, score, roundTripMs, traffic, sharedParts, connectedSince } = peer
  const way = [
    peer.direction === 'inbound' ? 'came here' : 'dialled',
    peer.isRelayed ? 'through a relay' : '',
  ]
  return (
    <tr>
      <th scope="row">
        {address === null ? (
          <span className={classes.sub}>Has not vouched for an address</span>
        ) : (
          <ShortId id={address} what="Streamr address" head={8} tail={6} />
        )}
        <div className={classes.sub}>
          <ShortId id={peerId} what="peer id" head={6} tail={6} />
        </div>
      </th>
      <td className={classes.sub}>
        {way.filter(Boolean).join(', ')}
        {peer.isListed ? ', listed' : ''}
      </td>
      <td className={classes.number}>{score.toFixed(0)}</td>
      <td className={classes.number}>{roundTripMs === null ? '–' : formatDuration(roundTripMs)}</td>
      <td className={classes.number}>{formatSize(traffic.receivedBytes)}</td>
      <td className={classes.number}>{formatSize(traffic.sentBytes)}</td>
      <td className={classes.number}>{formatCount(sharedParts)}</td>
      <td className={classes.number}>
        <Age at={connectedSince} />
      </td>
      <td className={classes.actions}>
        <Button variant="default" size="compact-xs" onClick={() => onBan(peer)}>
          Ban
        </Button>
      </td>
    </tr>
  )
}
