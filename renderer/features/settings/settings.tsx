import { SegmentedControl, TextInput, useMantineColorScheme } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useRef, useState } from 'react'
import { formatCount, formatDuration, formatSize } from '../../../shared/format/quantity.ts'
import { formatTimestamp, TIME_ZONES, type TimeZone } from '../../../shared/format/time.ts'
import type { NodeStatus } from '../../../shared/node-status.ts'
import { useTRPC } from '../../api/provider.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { useExternalStore } from '../../ui/external-store.ts'
import { Page } from '../../ui/page.tsx'
import { type MotionPreference, motionStore, timeZoneStore } from '../../ui/preferences.ts'
import { LoadingState } from '../../ui/state-views.tsx'
import { useNow } from '../../ui/ticker.ts'
import { About } from './about.tsx'
import { EnvironmentSettings } from './environment-settings.tsx'
import { LimitSettings } from './limit-settings.tsx'
import { MessageStore } from './message-store.tsx'
import { MetricsSettings } from './metrics-settings.tsx'
import { NoticeChoice } from './notice-choice.tsx'
import classes from './settings.module.css'
import { Sinks } from './sinks.tsx'
import { SourcesSettings } from './sources-settings.tsx'
import { StorageHttp } from './storage-http-settings.tsx'
import { StorageSettings } from './storage-settings.tsx'
import { useSettingsSearch } from './use-settings-search.ts'

function Choice({ title, note, children }: { title: string; note: ReactNode; children: ReactNode }) {
  return (
    <div className={classes.choice}>
      <div>
        <h3>{title}</h3>
        <p>{note}</p>
      </div>
      {children}
    </div>
  )
}

const ZONE_WORDS: Record<TimeZone, string> = { local: 'Local', utc: 'UTC', epoch: 'Epoch' }

export function Settings() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const zone = useExternalStore(timeZoneStore)
  const motion = useExternalStore(motionStore)
  const now = useNow()
  const trpc = useTRPC()
  const status = useQuery(trpc.node.status.queryOptions())
  const content = useRef<HTMLDivElement>(null)
  const [term, setTerm] = useState('')
  const found = useSettingsSearch(content, term)
  return (
    <Page isProse contentRef={content}>
      <TextInput
        className={classes.search ?? ''}
        aria-label="Search the settings"
        placeholder="Search the settings"
        leftSection={<IconSearch size={14} />}
        value={term}
        maxLength={80}
        onChange={(event) => setTerm(event.currentTarget.value)}
      />
      {found === 0 ? (
        <p className={classes.nothing} role="status">
          No setting is called that. Try a plainer word, such as “disk”, “port” or “network”.
        </p>
      ) : null}
      <section className={classes.group} aria-labelledby="settings-look">
        <h2 id="settings-look">Display</h2>
        <div className={classes.card}>
          <Choice title="Theme" note="Dark is the default; “System” follows this machine.">
            <SegmentedControl
              aria-label="Theme"
              value={colorScheme}
              onChange={(value) => setColorScheme(value as 'dark' | 'light' | 'auto')}
              data={[
                { value: 'dark', label: 'Dark' },
                { value: 'light', label: 'Light' },
                { value: 'auto', label: 'System' },
              ]}
            />
          </Choice>
          <Choice
            title="Times"
            note={
              <>
                Now reads <time className="tabular">{formatTimestamp(now, zone)}</time>
              </>
            }
          >
            <SegmentedControl
              aria-label="Times"
              value={zone}
              onChange={(value) => timeZoneStore.set(value as TimeZone)}
              data={TIME_ZONES.map((value) => ({ value, label: ZONE_WORDS[value] }))}
            />
          </Choice>
          <Choice title="Motion" note="Reduced: charts step once a second and nothing glides.">
            <SegmentedControl
              aria-label="Motion"
              value={motion}
              onChange={(value) => motionStore.set(value as MotionPreference)}
              data={[
                { value: 'system', label: 'As the system asks' },
                { value: 'reduced', label: 'Reduced' },
              ]}
            />
          </Choice>
          <Choice
            title="Notices of alerts"
            note="In a browser: the system tells when alerts begin to fire while this page is not looked at. Channels for mail, webhooks and the desktop are under Alerts."
          >
            <NoticeChoice />
          </Choice>
        </div>
      </section>
      <section className={classes.group} aria-labelledby="settings-node">
        <h2 id="settings-node">This node</h2>
        {status.data === undefined ? (
          <LoadingState what="the state of the node" />
        ) : (
          <NodeFacts status={status.data} />
        )}
      </section>
      <LimitSettings />
      <EnvironmentSettings />
      <StorageSettings />
      <MessageStore />
      <StorageHttp />
      <SourcesSettings />
      <MetricsSettings />
      <Sinks />
      <About />
    </Page>
  )
}

function NodeFacts({ status }: { status: NodeStatus }) {
  const facts: [string, ReactNode][] = [
    ['Version', status.version],
    ['Running for', formatDuration(status.uptimeS * 1_000)],
    ['Environment', `${status.environment}, chain ${status.chain.chainId}`],
    ['Messages on disk', formatCount(status.messages.stored)],
    [
      'Space taken',
      `${formatSize(status.diskBytes)}, with ${formatSize(status.diskFreeBytes)} free beside it`,
    ],
  ]
  const copied: [string, string, string][] = [
    ['Address', status.address, 'the address'],
    ['Data folder', status.dataDir, 'the path'],
    ['RPC endpoint', status.chain.rpcUrl, 'the endpoint'],
  ]
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      {copied.map(([name, value, what]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className={classes.mono}>
            <bdi>{value}</bdi>
            <CopyButton value={value} what={what} />
          </dd>
        </div>
      ))}
    </dl>
  )
}
