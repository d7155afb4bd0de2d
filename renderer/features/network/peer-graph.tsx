import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { formatSize } from '../../../shared/format/quantity.ts'
import type { NetworkPeer, NetworkSelf } from '../../api/network-types.ts'
import classes from './network.module.css'

/** As many as can be told apart on the circle. */
const MAX_SHOWN = 40
/** As many as have room for a name. */
const MAX_NAMED = 12
const SIZE = 300
const RADIUS = 104

/** This node in the middle, those it is connected to around it: the thicker the line, the more has gone over it. */
export function PeerGraph({ self, peers }: { self: NetworkSelf; peers: readonly NetworkPeer[] }) {
  const shown = peers.slice(0, MAX_SHOWN)
  const middle = SIZE / 2
  const places = shown.map((peer, index) => {
    const angle = (index / shown.length) * 2 * Math.PI - Math.PI / 2
    return { peer, x: middle + RADIUS * Math.cos(angle), y: middle + RADIUS * Math.sin(angle) }
  })
  return (
    <figure className={classes.graph}>
      <svg
        viewBox={`0 0 ${SIZE} ${SIZE}`}
        role="img"
        aria-label={`This node is connected to ${peers.length} others`}
      >
        {places.map(({ peer, x, y }) => (
          <line
            key={`${peer.peerId} ${peer.connectedSince}`}
            x1={middle}
            y1={middle}
            x2={x}
            y2={y}
            className={classes.edge}
            strokeWidth={edgeWidth(peer)}
            strokeDasharray={peer.isRelayed ? '4 4' : undefined}
          />
        ))}
        {places.map(({ peer, x, y }) => (
          <g key={`${peer.peerId} ${peer.connectedSince}`}>
            <title>{sayPeer(peer)}</title>
            <circle
              cx={x}
              cy={y}
              r={6}
              className={classes.node}
              data-hollow={peer.address === null || peer.sharedParts === 0 || undefined}
            />
            {shown.length > MAX_NAMED ? null : (
              <text x={x} y={y + (y < middle ? -11 : 19)} textAnchor="middle">
                {shortenMiddle(peer.address ?? peer.peerId, 6, 4)}
              </text>
            )}
          </g>
        ))}
        <circle cx={middle} cy={middle} r={9} className={classes.centre} />
        <text x={middle} y={middle + 24} textAnchor="middle">
          {shortenMiddle(self.address, 6, 4)}
        </text>
      </svg>
      <figcaption className={classes.sub}>
        {peers.length > MAX_SHOWN ? `${MAX_SHOWN} of ${peers.length} are drawn. ` : ''}
        Filled: shares a stream. Dashed: through a relay.
      </figcaption>
    </figure>
  )
}

function edgeWidth({ traffic }: NetworkPeer): number {
  return 1 + Math.min(4, Math.log10(1 + (traffic.receivedBytes + traffic.sentBytes) / 1_024))
}

function sayPeer({ address, peerId, traffic, sharedParts }: NetworkPeer): string {
  const bytes = formatSize(traffic.receivedBytes + traffic.sentBytes)
  return `${address ?? peerId}: ${bytes} exchanged, ${sharedParts} shared streams`
}
