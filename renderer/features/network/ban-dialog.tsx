import { Button, Group, Select, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { MAX_REASON_LENGTH } from '../../../shared/peers.ts'
import { errorViewOf } from '../../api/error-view.ts'
import type { NetworkPeer } from '../../api/network-types.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import classes from './network.module.css'

const DAY_MS = 86_400_000
const LENGTHS = [
  { value: String(DAY_MS), label: '1 day' },
  { value: String(7 * DAY_MS), label: '1 week' },
  { value: 'ever', label: 'Until I lift it' },
]

/** Closes the connections of a peer and lets it in no more, for a while or for good. */
export function BanDialog({ peer, onClose }: { peer: NetworkPeer; onClose(): void }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const [lasts, setLasts] = useState('ever')
  const [reason, setReason] = useState('')
  const who = peer.address ?? peer.peerId
  const ban = useMutation(
    trpc.network.ban.mutationOptions({
      onSuccess() {
        void queries.invalidateQueries({ queryKey: trpc.network.pathKey() })
        onClose()
      },
    }),
  )
  return (
    <Dialog opened onClose={onClose} title={`Ban ${shortenMiddle(who, 8, 6)}`}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault()
          const untilMs = lasts === 'ever' ? null : Date.now() + Number(lasts)
          ban.mutate({ who, reason: reason.trim() || 'banned by hand', untilMs })
        }}
      >
        <p className={classes.sub}>
          Its connections are closed and it is asked nothing more. What it brought was verified, and stays.
        </p>
        <Select
          label="For"
          data={LENGTHS}
          value={lasts}
          onChange={(value) => setLasts(value ?? lasts)}
          allowDeselect={false}
        />
        <TextInput
          label="Why"
          value={reason}
          maxLength={MAX_REASON_LENGTH}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {ban.error ? <p className={classes.error}>{errorViewOf(ban.error).message}</p> : null}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color="danger" variant="outline" loading={ban.isPending}>
            Ban
          </Button>
        </Group>
      </form>
    </Dialog>
  )
}
