import { Button, Checkbox, TextInput } from '@mantine/core'
import { useState } from 'react'
import { formatCount } from '../../../shared/format/quantity.ts'
import {
  type RegistryChange,
  type RegistryStreamView,
  STREAM_RIGHTS,
  type StreamRight,
} from '../../../shared/registry-change.ts'
import type { StreamPermissionView } from '../../../shared/stream.ts'
import { ShortId } from '../../ui/short-id.tsx'
import { Time } from '../../ui/time.tsx'
import { ChangeConfirm } from './change-confirm.tsx'
import classes from './stream-details.module.css'

const EVERYBODY = '0x0000000000000000000000000000000000000000'
const USER_ID = /^0x([0-9a-fA-F]{2})+$/

function rightsOf(permission: StreamPermissionView): StreamRight[] {
  const has: Record<StreamRight, boolean> = {
    publish: permission.canPublish,
    subscribe: permission.canSubscribe,
    edit: permission.canEdit,
    delete: permission.canDelete,
    grant: permission.canGrant,
  }
  return STREAM_RIGHTS.filter((right) => has[right])
}

/** Who may do what with the stream, and the change of it. */
export function StreamPermissions({ stream }: { stream: RegistryStreamView }) {
  const [edited, setEdited] = useState<{ grantee: string; rights: StreamRight[] } | null>(null)
  const { permissions, streamId, nodeAddress } = stream
  return (
    <>
      {permissions.length === 0 ? (
        <p className={classes.nothing}>No rights on this stream are known here.</p>
      ) : (
        <ul className={classes.rows}>
          {permissions.map((permission) => {
            const isPublic = permission.publisher === EVERYBODY
            const grantee = isPublic ? 'public' : permission.publisher
            return (
              <li key={permission.publisher}>
                {isPublic ? (
                  <span>Everybody</span>
                ) : (
                  <ShortId id={permission.publisher} what="address" head={10} tail={8} />
                )}
                <span>{rightsOf(permission).join(', ') || 'expired'}</span>
                <span className={classes.quiet}>
                  {permission.publisher === nodeAddress ? 'this node' : null}
                  {permission.block === null ? null : <> block {formatCount(permission.block)}</>}
                  {permission.blockTimestamp === null ? null : (
                    <>
                      , <Time at={permission.blockTimestamp} />
                    </>
                  )}
                </span>
                <Button
                  variant="subtle"
                  size="compact-xs"
                  onClick={() => setEdited({ grantee, rights: rightsOf(permission) })}
                >
                  Change…
                </Button>
              </li>
            )
          })}
        </ul>
      )}
      {edited === null ? (
        <div className={classes.inputs}>
          <Button
            variant="default"
            size="xs"
            onClick={() => setEdited({ grantee: '', rights: ['subscribe'] })}
          >
            Grant rights…
          </Button>
        </div>
      ) : (
        <RightsForm key={edited.grantee} streamId={streamId} start={edited} onClose={() => setEdited(null)} />
      )}
    </>
  )
}

interface RightsFormProps {
  streamId: string
  start: { grantee: string; rights: StreamRight[] }
  onClose(): void
}

function RightsForm({ streamId, start, onClose }: RightsFormProps) {
  const [grantee, setGrantee] = useState(start.grantee)
  const [rights, setRights] = useState(start.rights)
  const [change, setChange] = useState<RegistryChange | null>(null)
  const isPublic = grantee === 'public'
  const possible = isPublic ? STREAM_RIGHTS.slice(0, 2) : STREAM_RIGHTS
  const who = isPublic ? 'Everybody' : grantee
  if (change !== null) {
    return (
      <ChangeConfirm
        change={change}
        action={rights.length === 0 ? 'Revoke' : 'Grant'}
        onDone={onClose}
        onCancel={() => setChange(null)}
      >
        <code>{who}</code> {rights.length === 0 ? 'has no rights on the stream' : `may ${rights.join(', ')}`}{' '}
        from then on, {rights.length === 0 ? 'whatever it had before.' : 'and nothing else.'}
      </ChangeConfirm>
    )
  }
  return (
    <div className={classes.confirm}>
      <div className={classes.inputs}>
        <TextInput
          size="xs"
          aria-label="Who"
          placeholder="0x… address"
          value={isPublic ? 'Everybody' : grantee}
          disabled={isPublic}
          maxLength={6_000}
          spellCheck={false}
          data-autofocus
          onChange={(event) => setGrantee(event.currentTarget.value.trim().toLowerCase())}
        />
        <Checkbox
          size="xs"
          label="Everybody"
          checked={isPublic}
          onChange={(event) => {
            setGrantee(event.currentTarget.checked ? 'public' : '')
            setRights(rights.filter((right) => right === 'publish' || right === 'subscribe'))
          }}
        />
      </div>
      <fieldset className={classes.checks} aria-label="Rights">
        {possible.map((right) => (
          <Checkbox
            key={right}
            size="xs"
            label={right}
            checked={rights.includes(right)}
            onChange={(event) => {
              const isOn = event.currentTarget.checked
              setRights(STREAM_RIGHTS.filter((one) => (one === right ? isOn : rights.includes(one))))
            }}
          />
        ))}
      </fieldset>
      <div className={classes.ends}>
        <Button variant="default" size="xs" onClick={onClose}>
          Cancel
        </Button>
        <Button
          size="xs"
          disabled={!isPublic && !USER_ID.test(grantee)}
          onClick={() =>
            setChange({
              kind: 'rights',
              streamId,
              grantee,
              rights: rights.filter((r) => possible.includes(r)),
            })
          }
        >
          {rights.length === 0 ? 'Revoke all…' : 'Show the cost…'}
        </Button>
      </div>
    </div>
  )
}
