import { Button, Tooltip } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'wouter'
import type { FleetLatest } from '../../../shared/fleet.ts'
import type { FleetStanding, FleetView } from '../../../shared/fleet-standing.ts'
import { formatCount, formatDuration } from '../../../shared/format/quantity.ts'
import type { TimeRange } from '../../../shared/view-link.ts'
import { formatValue } from '../../ui/chart/unit-format.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { type FieldNote, noteOfField } from '../../ui/field-notes.ts'
import { PlainText } from '../../ui/plain-text.tsx'
import { ShortId } from '../../ui/short-id.tsx'
import { linkTo } from '../../ui/use-view.ts'
import { STATE_WORDS, StateIcon } from './fleet-state.tsx'
import classes from './fleet-table.module.css'

/** Rows drawn at first, and with each wish for more. */
const ROWS_AT_ONCE = 100
const MAX_WORD_LENGTH = 40

export interface FleetTableProps {
  fleet: FleetView
  schema: unknown
  range: TimeRange
}

export function FleetTable({ fleet, schema, range }: FleetTableProps) {
  const [rows, setRows] = useState(ROWS_AT_ONCE)
  const { resources } = fleet.fields
  const notes = resources.map((path) => noteOfField(schema, path))
  return (
    <>
      <div className={classes.table}>
        <DataTable
          columns={columnsOf(fleet, notes, range)}
          rows={fleet.members.slice(0, rows)}
          keyOf={({ publisher }) => publisher}
          label="Publishers"
          isDim={({ state }) => state === 'silent' || state === 'stranger'}
          hasFrame
        />
      </div>
      {fleet.members.length > rows ? (
        <Button variant="default" size="xs" onClick={() => setRows(rows + ROWS_AT_ONCE)}>
          Show {formatCount(Math.min(ROWS_AT_ONCE, fleet.members.length - rows))} more of{' '}
          {formatCount(fleet.members.length)}
        </Button>
      ) : null}
    </>
  )
}

type LinkToMessages = (member: FleetStanding, path: string | null, at?: TimeRange) => string
type WhenSilent = (member: FleetStanding, latest: FleetLatest) => TimeRange

/** Figures of a resource lead to the messages they are made of, everything else to the message that said it. */
function columnsOf(fleet: FleetView, notes: readonly FieldNote[], range: TimeRange): Column<FleetStanding>[] {
  const { part, fields } = fleet
  /** The messages a number rests on: this publisher's, with the field as a column. */
  const messages: LinkToMessages = ({ publisher }, path, at = range) =>
    linkTo('messages', { part, publisher, range: at, columns: path === null ? null : [path] })
  // The last words of a silent one lie outside the window.
  const whenSilent: WhenSilent = ({ state }, { timestamp }) =>
    state === 'silent'
      ? { kind: 'fixed', from: Math.max(0, timestamp - 60_000), to: timestamp + 1_000 }
      : range
  return [
    {
      title: 'Publisher',
      kind: 'name',
      cell: ({ publisher }) => <ShortId id={publisher} what="publisher" head={8} tail={6} />,
    },
    {
      title: 'State',
      cell: (member) => (
        <>
          <Tooltip label={sentenceOf(member)}>
            <span className={classes.state} data-state={member.state}>
              <StateIcon state={member.state} /> {STATE_WORDS[member.state]}
            </span>
          </Tooltip>
          {member.health === null || fields.health === null ? null : (
            <Link
              className={classes.word}
              href={messages(member, fields.health, whenSilent(member, member.health))}
            >
              <PlainText>{wordOf(member.health, fields.health)}</PlainText>
            </Link>
          )}
        </>
      ),
    },
    {
      title: 'Last heard',
      kind: 'number',
      cell: (member) =>
        member.newest === null || member.quietMs === null ? (
          '–'
        ) : (
          <Tooltip label={`Silent after ${formatDuration(member.patienceMs)}`}>
            <Link
              href={messages(
                member,
                null,
                whenSilent(member, { value: 0, timestamp: member.newest.timestamp }),
              )}
            >
              {member.quietMs < 1_000 ? 'now' : `${formatDuration(member.quietMs)} ago`}
            </Link>
          </Tooltip>
        ),
    },
    { title: 'Gaps', kind: 'number', cell: (member) => formatCount(member.messages.gaps) },
    ...(fields.height === null ? [] : heightColumns(messages, whenSilent, fields.height)),
    ...(fields.version === null ? [] : [versionColumn(messages, whenSilent, fields.version)]),
    ...fields.resources.map((path, at): Column<FleetStanding> => {
      const unit = notes[at]?.unit ?? null
      return {
        title: path,
        head: (
          <Tooltip label={path.slice(0, 256)}>
            <span>
              <PlainText>{notes[at]?.title ?? path}</PlainText>
            </span>
          </Tooltip>
        ),
        kind: 'number',
        cell: (member) => {
          const figure = member.figures[at]
          if (figure == null) return '–'
          return (
            <Tooltip
              label={`Now ${formatValue(figure.last, unit)}, from ${formatCount(figure.count)} messages`}
            >
              <Link className={classes.figure} href={messages(member, path)}>
                {formatValue(figure.p50, unit)}
                <span className={classes.spread}>
                  {formatValue(figure.p95, unit)} · {formatValue(figure.max, unit)}
                </span>
              </Link>
            </Tooltip>
          )
        },
      }
    }),
  ]
}

/** Of streams that tell a height: where each stands, and how far behind the others. */
function heightColumns(
  messages: LinkToMessages,
  whenSilent: WhenSilent,
  path: string,
): Column<FleetStanding>[] {
  return [
    {
      title: 'Height',
      kind: 'number',
      cell: (member) =>
        member.height === null ? (
          '–'
        ) : (
          <Link href={messages(member, path, whenSilent(member, member.height))}>
            {formatCount(Number(member.height.value))}
          </Link>
        ),
    },
    {
      title: 'Behind',
      head: (
        <Tooltip label="Blocks behind the fleet’s median, and behind its highest">
          <span>Behind</span>
        </Tooltip>
      ),
      kind: 'number',
      cell: ({ behindMedian, behindMax }) =>
        behindMedian === null || behindMax === null
          ? '–'
          : `${formatCount(behindMedian)} · ${formatCount(behindMax)}`,
    },
  ]
}

function versionColumn(
  messages: LinkToMessages,
  whenSilent: WhenSilent,
  path: string,
): Column<FleetStanding> {
  return {
    title: 'Version',
    cell: (member) =>
      member.version === null ? (
        '–'
      ) : (
        <Link className={classes.version} href={messages(member, path, whenSilent(member, member.version))}>
          <PlainText>{String(member.version.value).slice(0, MAX_WORD_LENGTH)}</PlainText>
        </Link>
      ),
  }
}

function wordOf({ value }: FleetLatest, path: string): string {
  if (typeof value !== 'boolean' && value !== 'true' && value !== 'false') {
    return String(value).slice(0, MAX_WORD_LENGTH)
  }
  const name = path.slice(path.lastIndexOf('.') + 1).slice(0, MAX_WORD_LENGTH)
  return String(value) === 'true' ? name : `not ${name}`
}

function sentenceOf({ state, quietMs, patienceMs, behindMedian }: FleetStanding): string {
  switch (state) {
    case 'silent':
      return quietMs === null
        ? 'It has published nothing up to this time.'
        : `It has said nothing for ${formatDuration(quietMs)}; usually it speaks well within ${formatDuration(patienceMs)}.`
    case 'unhealthy':
      return 'By its own word it is not well.'
    case 'lagging':
      return `It is ${formatCount(behindMedian ?? 0)} blocks behind the median of those who are there.`
    case 'stranger':
      return 'Its newest message was published without the right to, so it counts for nothing here.'
    case 'well':
      return 'It speaks as often as it does, and keeps up with the others.'
  }
}
