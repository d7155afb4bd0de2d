import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { formatCount, formatSize } from '../../../shared/format/quantity.ts'
import type { NetworkPeer, NetworkSelf } from '../../api/network-types.ts'
import classes from './network.module.css'

/** As many as can be told apart on the circle. */
const MAX_SHOWN = 40
/** As many as have room for a name. */
const MAX_NAMED = 12
const WIDTH = 380
const HEIGHT = 230
/** Peers stand on an ellipse, so that there is room for their names at its sides. */
const RADIUS_X = 138
const RADIUS_Y = 82

/** This node in the middle, those it is connected to around it: the thicker the line, the more has gone over it. */
export function PeerGraph({ self, peers }: { self: NetworkSelf; peers: readonly NetworkPeer[] }) {
  const shown = peers.slice(0, MAX_SHOWN)
  const [middleX, middleY] = [WIDTH / 2, HEIGHT / 2]
  const places = shown.map((peer, index) => {
    const angle = (index / shown.length) * 2 * Math.PI - Math.PI / 2
    return { peer, x: middleX + RADIUS_X * Math.cos(angle), y: middleY + RADIUS_Y * Math.sin(angle) }
  })
  return (
    <figure className={`${classes.panel} ${classes.graph}`}>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`This node is connected to ${peers.length === 1 ? 'one other' : `${formatCount(peers.length)} others`}`}
      >
        {places.map(({ peer, x, y }) => (
          <line
            key={`${peer.peerId} ${peer.connectedSince}`}
            x1={middleX}
            y1={middleY}
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
              <text x={x} y={y + (y < middleY ? -11 : 19)} textAnchor="middle">
                {shortenMiddle(peer.address ?? peer.peerId, 6, 4)}
              </text>
            )}
          </g>
        ))}
        <circle cx={middleX} cy={middleY} r={9} className={classes.centre} />
        <text x={middleX} y={middleY + 24} textAnchor="middle">
          {shortenMiddle(self.address, 6, 4)}
        </text>
      </svg>
      <figcaption className={classes.sub}>
        {peers.length === 0
          ? 'No other node is connected.'
          : `${peers.length > MAX_SHOWN ? `${MAX_SHOWN} of ${formatCount(peers.length)} are drawn. ` : ''}Filled: shares a stream. Dashed: through a relay. The thicker a line, the more went over it.`}
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
