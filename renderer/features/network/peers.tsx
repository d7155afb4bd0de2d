import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { formatCount } from '../../../shared/format/quantity.ts'
import type { NetworkPeer, NetworkSelf } from '../../api/network-types.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { AddPeerDialog } from './add-peer-dialog.tsx'
import { BanDialog } from './ban-dialog.tsx'
import { BanList } from './ban-list.tsx'
import classes from './network.module.css'
import { PEER_COLUMNS } from './peer-columns.tsx'

/** More rows than anybody reads; the best vouched come first. */
const MAX_ROWS = 200
/** Beyond this the table scrolls: what peers hold stands below it and is to be seen. */
const MAX_HEIGHT_PX = 420

/** Who is connected, how they do, and who is kept out. */
export function Peers({ self, peers }: { self: NetworkSelf; peers: readonly NetworkPeer[] }) {
  const [isAdding, setIsAdding] = useState(false)
  const [banned, setBanned] = useState<NetworkPeer | null>(null)
  const columns: readonly Column<NetworkPeer>[] = [
    ...PEER_COLUMNS,
    {
      title: 'Actions',
      kind: 'actions',
      cell: (peer) => (
        <Button
          variant="default"
          size="compact-xs"
          aria-label={`Ban ${shortenMiddle(peer.address ?? peer.peerId, 8, 6)}`}
          onClick={() => setBanned(peer)}
        >
          Ban
        </Button>
      ),
    },
  ]
  const add = (
    <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setIsAdding(true)}>
      Add a peer
    </Button>
  )
  return (
    <section className={classes.panel} aria-labelledby="network-peers">
      <div className={classes.head}>
        <h2 id="network-peers">
          Peers <span>{formatCount(peers.length)} connected</span>
        </h2>
        {add}
      </div>
      {peers.length === 0 ? (
        <p className={classes.sub}>
          No other node is connected. They are found through the registry, on the local network where that is
          on, and by the addresses you add: ask the other node’s user for theirs, it stands on this page.
        </p>
      ) : (
        <DataTable
          columns={columns}
          rows={peers.slice(0, MAX_ROWS)}
          keyOf={({ peerId, connectedSince }) => `${peerId} ${connectedSince}`}
          label="Connected peers"
          maxHeightPx={MAX_HEIGHT_PX}
        />
      )}
      <BanList listed={self.settings.listed} />
      {isAdding ? <AddPeerDialog onClose={() => setIsAdding(false)} /> : null}
      {banned === null ? null : <BanDialog peer={banned} onClose={() => setBanned(null)} />}
    </section>
  )
}
