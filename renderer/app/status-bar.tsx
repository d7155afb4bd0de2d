import { Popover, Tooltip, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { formatCount, formatSize } from '../../shared/format/quantity.ts'
import { TIME_ZONES, zoneLabel } from '../../shared/format/time.ts'
import type { NodeStatus } from '../../shared/node-status.ts'
import { useTRPC } from '../api/provider.tsx'
import { NodeWords } from '../ui/node-words.tsx'
import { timeZoneStore, useTimeZone } from '../ui/preferences.ts'
import { linkTo } from '../ui/use-view.ts'
import classes from './status-bar.module.css'

function Item({
  label,
  children,
  hint,
  bad = false,
}: {
  label: string
  children: ReactNode
  hint: string
  bad?: boolean
}) {
  return (
    <Tooltip label={hint} position="top" multiline maw={320}>
      <span className={classes.item} data-bad={bad || undefined}>
        <span className={classes.label}>{label}</span> {children}
      </span>
    </Tooltip>
  )
}

function Problems({ problems }: { problems: NodeStatus['problems'] }) {
  if (problems.length === 0) return <span className={classes.item}>No problems</span>
  return (
    <Popover position="top-end" width={360}>
      <Popover.Target>
        <UnstyledButton className={classes.problems}>
          {problems.length === 1 ? '1 problem' : `${problems.length} problems`}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <ul className={classes.problemList}>
          {problems.map((problem) => (
            <li key={problem.code}>
              <NodeWords>{problem.message}</NodeWords>
              <NodeWords className={classes.remedy}>{problem.remedy}</NodeWords>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  )
}

function Alerts({ firing }: { firing: number }) {
  return (
    <Tooltip label="Rules whose condition holds now" position="top">
      <Link href={linkTo('alerts', {})} className={classes.item} data-bad={firing > 0 || undefined}>
        <span className={classes.label}>Alerts</span>{' '}
        <output className={classes.number}>{formatCount(firing)}</output>
      </Link>
    </Tooltip>
  )
}

function ZoneSwitch() {
  const zone = useTimeZone()
  const next = TIME_ZONES[(TIME_ZONES.indexOf(zone) + 1) % TIME_ZONES.length] ?? 'local'
  return (
    <Tooltip label="Times are told in this zone. Click to switch: local, UTC, epoch (Z)" position="top">
      <UnstyledButton className={classes.zone} onClick={() => timeZoneStore.set(next)}>
        {zone === 'local' ? `Local, ${zoneLabel(zone, Date.now())}` : zone === 'utc' ? 'UTC' : 'Epoch ms'}
      </UnstyledButton>
    </Tooltip>
  )
}

/** The state of the node at a glance, on every screen. */
export function StatusBar() {
  const trpc = useTRPC()
  const { data: status } = useQuery(trpc.node.status.queryOptions())
  return (
    <footer className={classes.bar}>
      {status === undefined ? (
        <span className={classes.item}>Asking the node…</span>
      ) : (
        <>
          <Item label="Environment" hint={`Chain ${status.chain.chainId} at ${status.chain.rpcUrl}`}>
            <bdi>{status.environment}</bdi>
          </Item>
          <Item
            label="Chain"
            bad={!status.chain.reachable}
            hint={
              status.chain.reachable
                ? 'Newest block of the chain that holds streams and permissions'
                : 'The chain does not answer'
            }
          >
            {status.chain.reachable ? (
              <output className={classes.number}>
                {status.chain.height === null ? '–' : formatCount(status.chain.height)}
              </output>
            ) : (
              'unreachable'
            )}
          </Item>
          <Item
            label="Streamr"
            bad={!status.streamr.connected}
            hint="Neighbours in the Streamr overlay, over all stream parts"
          >
            {status.streamr.connected ? (
              <>
                <output className={classes.number}>{formatCount(status.streamr.neighbours)}</output>{' '}
                {status.streamr.neighbours === 1 ? 'neighbour' : 'neighbours'}
              </>
            ) : (
              'not connected'
            )}
          </Item>
          <Item label="Peers" hint="Other Tidemark nodes this one is connected with">
            <output className={classes.number}>{formatCount(status.peers)}</output>
          </Item>
          <Item label="Stored" hint="Messages on disk">
            <output className={classes.number}>{formatCount(status.messages.stored)}</output>
          </Item>
          <Item label="Disk" hint={`${formatSize(status.diskFreeBytes)} free where the data lies`}>
            <output className={classes.number}>{formatSize(status.diskBytes)}</output>
          </Item>
          <Alerts firing={status.alertsFiring} />
          <span className={classes.gap} />
          <Problems problems={status.problems} />
          <ZoneSwitch />
        </>
      )}
    </footer>
  )
}
