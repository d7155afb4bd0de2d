import { Button, Group, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { MAX_MULTIADDR_LENGTH } from '../../../shared/peers.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import classes from './network.module.css'

/** Connects to a node by its address; it is dialled again at every start. */
export function AddPeerDialog({ onClose }: { onClose(): void }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const [multiaddr, setMultiaddr] = useState('')
  const add = useMutation(
    trpc.network.addPeer.mutationOptions({
      onSuccess() {
        void queries.invalidateQueries({ queryKey: trpc.network.pathKey() })
        onClose()
      },
    }),
  )
  const problem = add.error ? errorViewOf(add.error) : null
  return (
    <Dialog opened onClose={onClose} title="Add a peer" widthPx={560}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault()
          add.mutate({ multiaddr: multiaddr.trim() })
        }}
      >
        <TextInput
          label="Address"
          description="A multiaddr with the peer id at its end; the other node shows its own on this page."
          placeholder="/ip4/192.168.1.7/tcp/4001/p2p/12D3Koo…"
          value={multiaddr}
          maxLength={MAX_MULTIADDR_LENGTH}
          onChange={(event) => setMultiaddr(event.currentTarget.value)}
          data-autofocus
        />
        {problem ? (
          <p className={classes.error} role="alert">
            <bdi>{problem.message}</bdi> <bdi>{problem.remedy}</bdi>
          </p>
        ) : null}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={add.isPending} disabled={multiaddr.trim() === ''}>
            Connect
          </Button>
        </Group>
      </form>
    </Dialog>
  )
}
