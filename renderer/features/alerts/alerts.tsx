import { SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { formatCount } from '../../../shared/format/quantity.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Page } from '../../ui/page.tsx'
import { ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { Time } from '../../ui/time.tsx'
import { AlertList } from './alert-list.tsx'
import classes from './alerts.module.css'
import { ChannelList } from './channel-list.tsx'
import { RuleList } from './rule-list.tsx'

type Tab = 'alerts' | 'rules' | 'channels'

/** What the rules found, the rules themselves, and who is told. */
export function Alerts() {
  const [tab, setTab] = useState<Tab>('alerts')
  return (
    <Page>
      <div className={classes.head}>
        <Summary />
        <SegmentedControl
          aria-label="What to see of alerts"
          value={tab}
          onChange={(value) => setTab(value as Tab)}
          data={[
            { value: 'alerts', label: 'Alerts' },
            { value: 'rules', label: 'Rules' },
            { value: 'channels', label: 'Channels' },
          ]}
        />
      </div>
      {tab === 'alerts' ? <AlertList onRules={() => setTab('rules')} /> : null}
      {tab === 'rules' ? <RuleList /> : null}
      {tab === 'channels' ? <ChannelList /> : null}
    </Page>
  )
}

function Summary() {
  const trpc = useTRPC()
  const {
    data: state,
    error,
    refetch,
  } = useQuery(trpc.alerts.state.queryOptions(undefined, { refetchInterval: 2_000 }))
  if (error) return <ErrorState title="Alerts" error={errorViewOf(error)} onRetry={() => void refetch()} />
  if (state === undefined) return <LoadingState what="alerts" />
  const { counts, judgedUpTo, beyondBounds, problem } = state
  return (
    <div className={classes.summary} role="status">
      <strong>{counts.firing === 0 ? 'Nothing is firing' : `${formatCount(counts.firing)} firing`}</strong>
      {counts.pending > 0 ? <>, {formatCount(counts.pending)} pending</> : null}
      {counts.acknowledged > 0 ? <>, {formatCount(counts.acknowledged)} acknowledged</> : null}
      {judgedUpTo === null ? (
        <>. No rule is on.</>
      ) : (
        <>
          . All messages up to <Time at={judgedUpTo} short /> are judged.
        </>
      )}
      {problem === null ? null : (
        <p className={classes.notice} role="alert">
          <bdi>{problem.message}</bdi> <bdi>{problem.remedy}</bdi>
        </p>
      )}
      {beyondBounds.publishers + beyondBounds.alerts === 0 ? null : (
        <p className={classes.notice}>
          More than rules can keep apart: {formatCount(beyondBounds.publishers)} messages of further
          publishers were passed over, {formatCount(beyondBounds.alerts)} conditions were not told one by one.
          Narrow the rules.
        </p>
      )}
    </div>
  )
}
