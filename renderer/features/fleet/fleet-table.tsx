import { Button, Tooltip } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'wouter'
import type { FleetLatest } from '../../../shared/fleet.ts'
import type { FleetStanding, FleetView } from '../../../shared/fleet-standing.ts'
import { formatCount, formatDuration } from '../../../shared/format/quantity.ts'
import type { TimeRange } from '../../../shared/view-link.ts'
import { formatValue } from '../../ui/chart/unit-format.ts'
import { noteOfField } from '../../ui/field-notes.ts'
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
      <div className={classes.frame}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Publisher</th>
              <th scope="col">State</th>
              <th scope="col" className={classes.number}>
                Last heard
              </th>
              <th scope="col" className={classes.number}>
                Height
              </th>
              <th scope="col" className={classes.number}>
                <Tooltip label="Blocks behind the fleet’s median, and behind its highest">
                  <span>Behind</span>
                </Tooltip>
              </th>
              <th scope="col">Version</th>
              {resources.map((path, at) => (
                <th scope="col" key={path} className={classes.number}>
                  <Tooltip label={path.slice(0, 256)}>
                    <span>
                      <PlainText>{notes[at]?.title ?? path}</PlainText>
                    </span>
                  </Tooltip>
                  <span className={classes.unit}>p50 · p95 · max</span>
                </th>
              ))}
              <th scope="col" className={classes.number}>
                Gaps
              </th>
            </tr>
          </thead>
          <tbody>
            {fleet.members.slice(0, rows).map((member) => (
              <MemberRow
                key={member.publisher}
                member={member}
                fleet={fleet}
                units={notes.map(({ unit }) => unit)}
                range={range}
              />
            ))}
          </tbody>
        </table>
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

interface MemberRowProps {
  member: FleetStanding
  fleet: FleetView
  units: readonly (string | null)[]
  range: TimeRange
}

function MemberRow({ member, fleet, units, range }: MemberRowProps) {
  const { part, fields } = fleet
  const { publisher, state, quietMs, patienceMs, behindMedian, behindMax, height, version, health } = member
  /** The messages a number rests on: this publisher's, with the field as a column. */
  const messages = (path: string | null, at: TimeRange = range): string =>
    linkTo('messages', { part, publisher, range: at, columns: path === null ? null : [path] })
  // The last words of a silent one lie outside the window.
  const around = (latest: FleetLatest): TimeRange => ({
    kind: 'fixed',
    from: Math.max(0, latest.timestamp - 60_000),
    to: latest.timestamp + 1_000,
  })
  const whenSilent = (latest: FleetLatest): TimeRange => (state === 'silent' ? around(latest) : range)
  return (
    <tr data-state={state}>
      <th scope="row" className={classes.publisher}>
        <ShortId id={publisher} what="publisher" head={8} tail={6} />
      </th>
      <td className={classes.state}>
        <Tooltip label={sentenceOf(member)}>
          <span>
            <StateIcon state={state} /> {STATE_WORDS[state]}
          </span>
        </Tooltip>
        {health === null || fields.health === null ? null : (
          <Link className={classes.word} href={messages(fields.health, whenSilent(health))}>
            <PlainText>{wordOf(health, fields.health)}</PlainText>
          </Link>
        )}
      </td>
      <td className={classes.number}>
        {member.newest === null || quietMs === null ? (
          '–'
        ) : (
          <Tooltip label={`Silent after ${formatDuration(patienceMs)}`}>
            <Link href={messages(null, whenSilent({ value: 0, timestamp: member.newest.timestamp }))}>
              {quietMs < 1_000 ? 'now' : `${formatDuration(quietMs)} ago`}
            </Link>
          </Tooltip>
        )}
      </td>
      <td className={classes.number}>
        {height === null ? (
          '–'
        ) : (
          <Link href={messages(fields.height, whenSilent(height))}>{formatCount(Number(height.value))}</Link>
        )}
      </td>
      <td className={classes.number} data-quiet={behindMedian === 0 || undefined}>
        {behindMedian === null || behindMax === null
          ? '–'
          : `${formatCount(behindMedian)} · ${formatCount(behindMax)}`}
      </td>
      <td className={classes.version}>
        {version === null ? (
          '–'
        ) : (
          <Link href={messages(fields.version, whenSilent(version))}>
            <PlainText>{String(version.value).slice(0, MAX_WORD_LENGTH)}</PlainText>
          </Link>
        )}
      </td>
      {fields.resources.map((path, at) => {
        const figure = member.figures[at]
        const unit = units[at] ?? null
        return (
          <td key={path} className={classes.number}>
            {figure == null ? (
              '–'
            ) : (
              <Tooltip
                label={`Now ${formatValue(figure.last, unit)}, from ${formatCount(figure.count)} messages`}
              >
                <Link href={messages(path)}>
                  {[figure.p50, figure.p95, figure.max].map((value) => formatValue(value, unit)).join(' · ')}
                </Link>
              </Tooltip>
            )}
          </td>
        )
      })}
      <td className={classes.number} data-quiet={member.messages.gaps === 0 || undefined}>
        {formatCount(member.messages.gaps)}
      </td>
    </tr>
  )
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
