import type { ReactNode } from 'react'
import { formatCount, formatDuration } from '../../../shared/format/quantity.ts'
import type { SinkView } from '../../../shared/sink.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { useNow } from '../../ui/ticker.ts'
import { Age, Time } from '../../ui/time.tsx'
import { SinkActions } from './sink-actions.tsx'
import classes from './sinks.module.css'

const COLUMNS: readonly Column<SinkView>[] = [
  { title: 'Table and stream', kind: 'name', cell: (sink) => <Name sink={sink} /> },
  { title: 'State', width: 210, cell: (sink) => <State sink={sink} /> },
  { title: 'Rows', kind: 'number', width: 120, cell: (sink) => <Rows sink={sink} /> },
  { title: 'Columns', kind: 'number', width: 96, cell: (sink) => <Columns sink={sink} /> },
  { title: 'Actions', kind: 'actions', cell: (sink) => <SinkActions sink={sink} /> },
]

export function SinkTable({ sinks }: { sinks: readonly SinkView[] }) {
  return (
    <DataTable
      columns={COLUMNS}
      rows={sinks}
      keyOf={({ table }) => table}
      label="Sinks"
      minWidthPx={700}
      align="top"
    />
  )
}

function Name({ sink: { table, part, problem } }: { sink: SinkView }) {
  return (
    <>
      <span className={classes.name}>{table}</span>
      <p className={classes.sub}>
        <PlainText>{part}</PlainText>
      </p>
      {problem === null ? null : (
        <p className={classes.problem}>
          <PlainText clip={false}>{problem.message}</PlainText>{' '}
          <span className={classes.remedy}>
            <PlainText clip={false}>{problem.remedy}</PlainText>
          </span>
        </p>
      )}
    </>
  )
}

function State({ sink }: { sink: SinkView }) {
  const { state, lagMs, behind, position, nextAttemptAt, lastWriteAt } = sink
  const now = useNow()
  if (state === 'paused') return <Told word="Paused">What comes is kept by the store</Told>
  if (state === 'connecting') return <Told word="Connecting" />
  if (state === 'waiting') {
    const inMs = nextAttemptAt === null ? 0 : Math.max(0, nextAttemptAt - now)
    return <Told word="Waiting">Tried again in {formatDuration(inMs)}; nothing is lost</Told>
  }
  if (state === 'filling') {
    return (
      <Told word={behind === null ? 'Filling' : `Filling, ${formatCount(behind)} to go`}>
        {position === null ? null : (
          <>
            at <Time at={position} />
          </>
        )}
      </Told>
    )
  }
  return (
    <Told word={`Live, ${formatDuration(lagMs)} behind`}>
      {lastWriteAt === null ? (
        'Nothing new since the start'
      ) : (
        <>
          Written <Age at={lastWriteAt} />
        </>
      )}
    </Told>
  )
}

function Told({ word, children }: { word: string; children?: ReactNode }) {
  return (
    <>
      {word}
      <p className={classes.sub}>{children}</p>
    </>
  )
}

function Rows({ sink: { rows, changed } }: { sink: SinkView }) {
  return (
    <>
      {rows === null ? '–' : formatCount(rows)}
      <p className={classes.sub}>{changed === 0 ? '' : `${formatCount(changed)} changed`}</p>
    </>
  )
}

function Columns({ sink: { columns, unfit, omitted } }: { sink: SinkView }) {
  const beside = unfit + omitted
  return (
    <>
      {formatCount(columns)}
      <p
        className={classes.sub}
        title={
          beside === 0
            ? undefined
            : `${formatCount(unfit)} values stand in tm_rest, because they have no column or do not fit it; ${formatCount(omitted)} were beyond the bounds.`
        }
      >
        {beside === 0 ? '' : `${formatCount(beside)} beside`}
      </p>
    </>
  )
}
