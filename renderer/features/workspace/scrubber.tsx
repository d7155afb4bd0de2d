import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { TimelineBucket } from '../../../shared/chart.ts'
import { formatTimestamp } from '../../../shared/format/time.ts'
import { createTimelineSource } from '../../api/chart-data.ts'
import { useApi } from '../../api/provider.tsx'
import type { ChartAlert } from '../../ui/chart/frame.ts'
import { frames, isHidden } from '../../ui/chart/window-frames.ts'
import { timeZoneStore } from '../../ui/preferences.ts'
import { seldom } from '../../ui/seldom.ts'
import { useTokens } from '../../ui/use-tokens.ts'
import { alertWords } from './chart-alerts.ts'
import classes from './scrubber.module.css'
import { type Extent, type ExtentChoice, keepInSight, scrubberExtent, zoomExtent } from './scrubber-extent.ts'
import { type ScrubberDrag, scrubberGrip } from './scrubber-grip.ts'
import { createScrubberPicture } from './scrubber-picture.ts'
import type { TransportMoment } from './transport.ts'
import type { TransportHandle } from './use-transport.ts'

const ZOOM_PER_WHEEL_PX = 0.0016
const KEY_STEP_SHARE = 0.02
const KEY_JUMP_SHARE = 0.5
/** A screen reader is told at most so often where the playhead is, ms. */
const TELL_EVERY_MS = 500

/** What the bucket at a time holds, for those who cannot see it. */
function whatIsAt(buckets: readonly TimelineBucket[], at: number): string {
  const bucket = buckets.find(({ from, to }) => from <= at && at < to)
  if (bucket === undefined) return ', no messages here'
  const words = [`, ${bucket.count} message${bucket.count === 1 ? '' : 's'}`]
  if (bucket.verdicts.forged > 0) words.push(`${bucket.verdicts.forged} forged`)
  if (bucket.verdicts.unauthorised > 0) words.push(`${bucket.verdicts.unauthorised} unauthorised`)
  if (bucket.clockOff) words.push('a clock off')
  if (bucket.notBySchema !== undefined) words.push(`${bucket.notBySchema} not by schema`)
  if (bucket.gaps > 0) words.push(`${bucket.gaps} gap${bucket.gaps === 1 ? '' : 's'}`)
  if (bucket.dropped > 0) words.push(`${bucket.dropped} dropped`)
  return words.join(', ')
}

/** Alerts told of one moment; more would not be listened to. */
const MAX_TOLD_MARKS = 3

/** Alerts that last at a time. */
function marksAt(marks: readonly ChartAlert[], at: number): string {
  return marks
    .filter(({ from, to }) => from <= at && at <= to)
    .slice(0, MAX_TOLD_MARKS)
    .map((alert) => `, ${alertWords(alert)}`)
    .join('')
}

export interface ScrubberProps {
  part: string
  /** First stored message, ms since the epoch; null when nothing is stored. */
  first: number | null
  handle: TransportHandle
  choice: ExtentChoice
  onChoice(choice: ExtentChoice): void
  /** Alerts. */
  marks: readonly ChartAlert[]
}

/** All of a stream's time at a glance: drag the window, set the playhead, zoom with the wheel. */
export function Scrubber({ part, first, handle, choice, onChoice, marks }: ScrubberProps) {
  const { client, feed, connection } = useApi()
  const tokens = useTokens()
  const { transport } = handle
  const timeline = useMemo(
    () => createTimelineSource({ client, feed, onRegained: connection.onRegained, isHidden }, part),
    [client, feed, connection, part],
  )
  useEffect(() => () => timeline.dispose(), [timeline])

  const slider = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const extent = useRef<Extent>({ from: 0, to: 1 })
  const hoverAt = useRef<number | null>(null)
  const [drag, setDrag] = useState<ScrubberDrag | null>(null)
  const inputs = useRef({ choice, first, marks })
  useEffect(() => {
    inputs.current = { choice, first, marks }
  })
  const redraw = useRef<() => void>(() => undefined)

  useEffect(() => {
    const [sliderElement, canvasElement] = [slider.current, canvas.current]
    if (sliderElement === null || canvasElement === null) return
    /** What a screen reader is told, of the frame drawn last. */
    let told: { moment: TransportMoment; buckets: readonly TimelineBucket[] } | null = null
    const tell = seldom(() => {
      if (told === null) return
      const { moment, buckets } = told
      const zone = timeZoneStore.get()
      const at = moment.playhead ?? moment.to
      sliderElement.setAttribute('aria-valuemin', String(Math.round(extent.current.from)))
      sliderElement.setAttribute('aria-valuemax', String(Math.round(extent.current.to)))
      sliderElement.setAttribute('aria-valuenow', String(Math.round(at)))
      sliderElement.setAttribute(
        'aria-valuetext',
        `${moment.mode === 'live' ? `Live, ${formatTimestamp(at, zone)}` : `${formatTimestamp(at, zone)}, ${moment.mode}`}${whatIsAt(buckets, at)}${marksAt(inputs.current.marks, at)}`,
      )
    }, TELL_EVERY_MS)
    // As it was observed: asking the page for it in a frame would lay it out anew.
    let widthPx = sliderElement.clientWidth
    const picture = createScrubberPicture(canvasElement)
    const draw = () => {
      if (widthPx === 0) return
      const moment = transport.now()
      const now = Date.now()
      const fresh = scrubberExtent({ ...inputs.current, window: moment, now })
      const isFixed = inputs.current.choice.kind === 'fixed'
      extent.current = isFixed ? keepInSight(fresh, moment.playhead ?? moment.to) : fresh
      timeline.want(extent.current, widthPx)
      const buckets = timeline.read(extent.current, widthPx)
      const zone = timeZoneStore.get()
      const scene = {
        extent: extent.current,
        moment,
        buckets,
        widthPx,
        zone,
        hoverAt: hoverAt.current,
        marks: inputs.current.marks,
      }
      picture.draw(scene, tokens)
      told = { moment, buckets }
      tell()
    }
    const request = () => frames.request(draw)
    redraw.current = request
    const observer = new ResizeObserver(() => {
      widthPx = sliderElement.clientWidth
      request()
    })
    observer.observe(sliderElement)
    const leave = [
      timeline.subscribe(request),
      handle.onFrame(request),
      transport.subscribe(request),
      timeZoneStore.subscribe(request),
    ]
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      const { from, to } = extent.current
      const whole = scrubberExtent({
        ...inputs.current,
        choice: { kind: 'all' },
        window: transport.now(),
        now: Date.now(),
      })
      const share = (event.clientX - sliderElement.getBoundingClientRect().left) / sliderElement.clientWidth
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY)
      if (sideways || event.shiftKey) {
        const by = ((event.deltaX || event.deltaY) / sliderElement.clientWidth) * (to - from)
        onChoice({ kind: 'fixed', from: from + by, to: to + by })
      } else {
        onChoice(
          zoomExtent(
            { from, to },
            Math.exp(event.deltaY * ZOOM_PER_WHEEL_PX),
            from + share * (to - from),
            whole,
          ),
        )
      }
      request()
    }
    sliderElement.addEventListener('wheel', onWheel, { passive: false })
    request()
    return () => {
      observer.disconnect()
      for (const stop of leave) stop()
      tell.cancel()
      sliderElement.removeEventListener('wheel', onWheel)
      frames.cancel(draw)
    }
  }, [handle, transport, timeline, tokens, onChoice])

  // biome-ignore lint/correctness/useExhaustiveDependencies: what the scrubber spans is read from a ref when it draws
  useEffect(() => redraw.current(), [choice, first, marks])

  const placeOf = (clientX: number) => {
    const box = slider.current?.getBoundingClientRect()
    const x = clientX - (box?.left ?? 0)
    const widthPx = Math.max(1, box?.width ?? 1)
    const { from, to } = extent.current
    return { x, widthPx, at: from + (Math.min(widthPx, Math.max(0, x)) / widthPx) * (to - from) }
  }

  function onKeyDown(event: KeyboardEvent): void {
    const { from, to, playhead } = transport.now()
    const at = playhead ?? to
    const span = to - from
    const share = event.shiftKey ? KEY_JUMP_SHARE : KEY_STEP_SHARE
    switch (event.key) {
      case 'ArrowLeft':
      case 'ArrowDown':
        transport.seek(at - span * share)
        break
      case 'ArrowRight':
      case 'ArrowUp':
        transport.seek(at + span * share)
        break
      case 'PageUp':
        transport.seek(at - span)
        break
      case 'PageDown':
        transport.seek(at + span)
        break
      case 'Home':
        transport.seek(first ?? from)
        break
      case 'End':
        transport.goLive()
        break
      default:
        return
    }
    event.preventDefault()
  }

  return (
    <div
      ref={slider}
      className={classes.scrubber}
      role="slider"
      tabIndex={0}
      aria-label="Playhead in the history of this stream"
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={0}
      aria-valuenow={0}
      data-grip={drag?.kind}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        setDrag(scrubberGrip({ ...placeOf(event.clientX), extent: extent.current, moment: transport.now() }))
      }}
      onPointerMove={(event) => {
        const place = placeOf(event.clientX)
        hoverAt.current = place.at
        redraw.current()
        if (drag === null) {
          const grip = scrubberGrip({ ...place, extent: extent.current, moment: transport.now() })
          event.currentTarget.dataset.over = grip.kind
          return
        }
        setDrag(drag.move(place.at, transport))
      }}
      onPointerUp={(event) => {
        drag?.drop(placeOf(event.clientX).at, transport)
        setDrag(null)
      }}
      onPointerLeave={() => {
        hoverAt.current = null
        redraw.current()
      }}
    >
      <canvas ref={canvas} className={classes.canvas} aria-hidden />
    </div>
  )
}
