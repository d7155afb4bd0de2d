import { Badge, Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { RegistryChange, RegistryStreamView } from '../../../shared/registry-change.ts'
import { visibleText } from '../../ui/plain-text.tsx'
import { ShortId } from '../../ui/short-id.tsx'
import { ChangeConfirm } from './change-confirm.tsx'
import classes from './stream-details.module.css'

const ADDRESS = /^0x[0-9a-fA-F]{40}$/

/** Who stores the stream for everybody, and an owner's choice of it. */
export function StreamStorage({ stream }: { stream: RegistryStreamView }) {
  const [change, setChange] = useState<(RegistryChange & { kind: 'storage' }) | null>(null)
  const [address, setAddress] = useState('')
  const { streamId, storageNodes, nodeAddress } = stream
  const ask = (chosen: string, assigned: boolean) =>
    setChange({ kind: 'storage', streamId, nodeAddress: chosen, assigned })
  const stop = () => setChange(null)
  return (
    <>
      {storageNodes.length === 0 ? (
        <p className={classes.nothing}>
          No storage node is assigned: what is published is kept only by those who subscribe to it.
        </p>
      ) : (
        <ul className={classes.rows}>
          {storageNodes.map((node) => (
            <li key={node.address}>
              <ShortId id={node.address} what="storage node" head={10} tail={8} />
              {node.isThisNode ? (
                <Badge variant="default" size="xs">
                  this node
                </Badge>
              ) : null}
              <bdi className={classes.quiet}>
                {node.urls.map(visibleText).join(', ') || 'names no address'}
              </bdi>
              <Button variant="subtle" size="compact-xs" onClick={() => ask(node.address, false)}>
                Dismiss…
              </Button>
            </li>
          ))}
        </ul>
      )}
      {change === null ? (
        <div className={classes.inputs}>
          {storageNodes.some(({ isThisNode }) => isThisNode) ? null : (
            <Button variant="default" size="xs" onClick={() => ask(nodeAddress, true)}>
              Store it on this node…
            </Button>
          )}
          <TextInput
            size="xs"
            aria-label="Address of a storage node"
            placeholder="0x… of another storage node"
            value={address}
            maxLength={64}
            spellCheck={false}
            onChange={(event) => setAddress(event.currentTarget.value.trim())}
          />
          <Button
            variant="default"
            size="xs"
            disabled={!ADDRESS.test(address)}
            onClick={() => ask(address.toLowerCase(), true)}
          >
            Assign…
          </Button>
        </div>
      ) : (
        <ChangeConfirm
          change={change}
          action={change.assigned ? 'Assign' : 'Dismiss'}
          onCancel={stop}
          onDone={() => {
            setAddress('')
            stop()
          }}
        >
          {change.assigned ? 'From then on ' : 'From then on no longer: '}
          <code>{change.nodeAddress}</code>{' '}
          {change.assigned
            ? 'stores all partitions of the stream and answers for its history.'
            : 'stores the stream. What it has it may keep.'}
        </ChangeConfirm>
      )}
    </>
  )
}
