import { NumberInput, Switch } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { formatCount } from '../../../shared/format/quantity.ts'
import { MAX_HEALING_PAUSE_S, MIN_HEALING_PAUSE_S } from '../../../shared/peers.ts'
import { errorViewOf } from '../../api/error-view.ts'
import type { NetworkSelf } from '../../api/network-types.ts'
import { useTRPC } from '../../api/provider.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { Age } from '../../ui/time.tsx'
import classes from './network.module.css'

const REACH: Record<NetworkSelf['reach'], string> = {
  machine: 'From this machine only',
  'local-network': 'From the local network',
  public: 'From anywhere',
  nowhere: 'From nowhere: it does not listen, and meets only those it dials',
}

/** Who this node is to others, where they reach it, and what it asks of them by itself. */
export function ThisNode({ self }: { self: NetworkSelf }) {
  return (
    <section className={classes.panel} aria-labelledby="network-self">
      <h2 id="network-self">This node</h2>
      <dl className={classes.facts}>
        <Key name="Streamr address" value={self.address} />
        <Key name="Peer id" value={self.peerId} />
        <div>
          <dt>Reachable</dt>
          <dd>{REACH[self.reach]}</dd>
        </div>
        {self.multiaddrs.map((address, index) => (
          <Key key={address} name={index === 0 ? 'Addresses' : ''} value={address} />
        ))}
        <div>
          <dt>Missing messages</dt>
          <dd>
            <Healing self={self} />
          </dd>
        </div>
      </dl>
    </section>
  )
}

function Key({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={classes.key}>
        <PlainText>{value}</PlainText>
        <CopyButton value={value} what={name === '' ? 'the address' : `the ${name.toLowerCase()}`} />
      </dd>
    </div>
  )
}

function Healing({ self }: { self: NetworkSelf }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const { healing } = self.settings
  const [everyS, setEveryS] = useState<number | string>(healing.everyS)
  const set = useMutation(
    trpc.network.setHealing.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: trpc.network.self.queryKey() }),
    }),
  )
  // A switch moves when it is pressed, not when the node has written it down.
  const isOn = set.isPending ? set.variables.isOn : healing.isOn
  const pause = Number(everyS)
  const isPause = Number.isInteger(pause) && pause >= MIN_HEALING_PAUSE_S && pause <= MAX_HEALING_PAUSE_S
  const { lastHealing } = self
  return (
    <div className={classes.healing}>
      <Switch
        label="Ask peers for them in the background"
        checked={isOn}
        onChange={(event) => set.mutate({ ...healing, isOn: event.currentTarget.checked })}
      />
      <NumberInput
        aria-label="Pause between two questions, seconds"
        prefix="every "
        suffix=" s"
        w={120}
        size="xs"
        min={MIN_HEALING_PAUSE_S}
        max={MAX_HEALING_PAUSE_S}
        allowDecimal={false}
        value={everyS}
        disabled={!isOn}
        onChange={setEveryS}
        onBlur={() => isPause && pause !== healing.everyS && set.mutate({ ...healing, everyS: pause })}
      />
      <span className={classes.sub} role="status">
        {set.error ? (
          errorViewOf(set.error).message
        ) : lastHealing === null ? (
          'Not asked since the start'
        ) : (
          <>
            Asked <Age at={lastHealing.at} />: {formatCount(lastHealing.compared)} compared,{' '}
            {formatCount(lastHealing.brought)} brought
          </>
        )}
      </span>
    </div>
  )
}
