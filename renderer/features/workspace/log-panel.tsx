import { useEffect, useRef, useState } from 'react'
import { Link } from 'wouter'
import type { ErrorView } from '../../../shared/errors.ts'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { formatClock } from '../../../shared/format/time.ts'
import type { PanelSeries } from '../../../shared/layout.ts'
import { type MessageRow, streamPartId } from '../../../shared/message.ts'
import { errorViewOf, isAbort } from '../../api/error-view.ts'
import { messageKeyOf } from '../../api/message-key.ts'
import { useApi } from '../../api/provider.tsx'
import { visibleText } from '../../ui/plain-text.tsx'
import { useTimeZone } from '../../ui/preferences.ts'
import { useOnScreen } from '../../ui/use-on-screen.ts'
import { useSchemaJudges } from '../../ui/use-schema-judge.ts'
import { linkTo, useView } from '../../ui/use-view.ts'
import { ClockMark, SchemaMark, VerdictIcon } from '../../ui/verdict.tsx'
import { shortPart } from './line-names.ts'
import classes from './log-panel.module.css'
import panel_ from './panel.module.css'
import type { PanelBodyProps } from './panel-body.tsx'
import type { TransportHandle } from './use-transport.ts'
import { useWorkspace } from './workspace-context.ts'

/** The log shows so many of the newest messages; the Messages screen has them all. */
export const LOG_ROWS = 60
/** It is read again at most this often, ms. */
const READ_EVERY_MS = 500
const MAX_TEXT = 400

type MessageSeries = Extract<PanelSeries, { kind: 'messages' }>

function textOf({ content, contentKind }: MessageRow): string {
  if (contentKind === 'encrypted') return 'encrypted'
  const text = typeof content === 'string' ? content : (JSON.stringify(content) ?? '')
  return visibleText(text.slice(0, MAX_TEXT))
}

interface LogState {
  rows: MessageRow[]
  error: ErrorView | null
  isRead: boolean
}

/** The newest messages up to the playhead, or to the end of the window. */
function useLog(list: readonly MessageSeries[], handle: TransportHandle, isOnScreen: boolean): LogState {
  const { client, feed } = useApi()
  const [state, setState] = useState<LogState>({ rows: [], error: null, isRead: false })
  const key = JSON.stringify(list)
  useEffect(() => {
    if (!isOnScreen) return
    const series = JSON.parse(key) as MessageSeries[]
    const controller = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    let isReading = false
    let isStale = false

    async function read(): Promise<void> {
      if (isReading) {
        isStale = true
        return
      }
      isReading = true
      isStale = false
      const { playhead, from, to } = handle.transport.now()
      try {
        const pages = await Promise.all(
          series.map(({ part, publisher }) =>
            client.messages.page.query(
              {
                part,
                from: Math.max(0, Math.floor(from)),
                to: Math.max(0, Math.floor(playhead ?? to)),
                order: 'descending',
                limit: LOG_ROWS,
                ...(publisher === null ? {} : { publisher }),
              },
              { signal: controller.signal },
            ),
          ),
        )
        const rows = pages
          .flatMap((page) => page.rows)
          .sort((a, b) => b.id.timestamp - a.id.timestamp || b.id.sequence - a.id.sequence)
          .slice(0, LOG_ROWS)
        setState({ rows, error: null, isRead: true })
      } catch (error) {
        if (isAbort(error) || controller.signal.aborted) return
        setState((before) => ({ ...before, error: errorViewOf(error), isRead: true }))
      } finally {
        isReading = false
        if (isStale) later()
      }
    }
    function later(): void {
      timer ??= setTimeout(() => {
        timer = undefined
        if (!document.hidden) void read()
      }, READ_EVERY_MS)
    }
    const parts = new Set(series.map(({ part }) => part))
    const leave = [
      feed.subscribe((event) => {
        const isOfMessages = event.kind === 'stored' || event.kind === 'dropped'
        if (isOfMessages && parts.has(event.part)) later()
      }),
      handle.transport.subscribe(later),
      handle.onFrame(() => handle.transport.now().mode === 'playing' && later()),
    ]
    void read()
    return () => {
      controller.abort()
      clearTimeout(timer)
      for (const stop of leave) stop()
    }
  }, [client, feed, handle, key, isOnScreen])
  return state
}

/** Messages as they came, newest first. */
export function LogPanel({ panel, title }: PanelBodyProps) {
  const { handle, schemaOf } = useWorkspace()
  const { view, update } = useView()
  const zone = useTimeZone()
  const box = useRef<HTMLDivElement>(null)
  const isOnScreen = useOnScreen(box)
  const list = panel.series.filter((one) => one.kind === 'messages')
  const { rows, error, isRead } = useLog(list, handle, isOnScreen)
  const judgeOf = useSchemaJudges(
    list.map(({ part }) => part),
    schemaOf,
  )
  const open = view.message
  return (
    <div className={panel_.body} ref={box}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard */}
      <section className={classes.scroll} tabIndex={0} aria-label={`${title}, newest first`}>
        <ol className={classes.log}>
          {rows.map((row) => {
            const part = streamPartId(row.id.streamId, row.id.partition)
            const isOpen = open?.digest === row.digest && open.timestamp === row.id.timestamp
            return (
              <li
                key={`${row.digest} ${row.id.timestamp} ${row.id.sequence}`}
                data-open={isOpen || undefined}
              >
                <button type="button" onClick={() => update({ message: messageKeyOf(row) })}>
                  <VerdictIcon standing={row.equivocation ? 'equivocation' : row.verdict} size={12} />
                  <ClockMark row={row} size={12} />
                  <SchemaMark problem={judgeOf(part)?.(row)} />
                  <time>{formatClock(row.id.timestamp, zone, true)}</time>
                  {list.length > 1 ? (
                    <bdi className={classes.who}>{visibleText(shortPart(part)).slice(0, 24)}</bdi>
                  ) : null}
                  <span className={classes.who}>{shortenMiddle(row.id.publisher, 6, 4)}</span>
                  <bdi className={classes.text}>{textOf(row)}</bdi>
                </button>
              </li>
            )
          })}
        </ol>
        {rows.length === LOG_ROWS ? (
          <Link
            className={classes.all ?? ''}
            href={linkTo('messages', { part: list[0]?.part ?? null, range: view.range })}
          >
            The newest {LOG_ROWS}. All of them are under Messages.
          </Link>
        ) : null}
      </section>
      {rows.length > 0 ? null : (
        <div className={panel_.message} role={error === null ? 'status' : 'alert'}>
          {error !== null
            ? `${error.message} ${error.remedy}`
            : isRead
              ? 'No messages in this stretch of time'
              : 'Loading…'}
        </div>
      )}
    </div>
  )
}
