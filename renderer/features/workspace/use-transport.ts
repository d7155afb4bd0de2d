import { useEffect, useMemo, useRef } from 'react'
import { DEFAULT_VIEW, decodeView, encodeView } from '../../../shared/view-link.ts'
import { currentSearch, replaceSearchQuietly } from '../../ui/hash-location.ts'
import { prefersReducedMotion } from '../../ui/preferences.ts'
import { useView } from '../../ui/use-view.ts'
import { createTransport, type Transport, type TransportView } from './transport.ts'

/** While something moves, its place is noted in the address this often, so that a reload goes on from there. */
const NOTE_EVERY_MS = 1_000
/** Gestures come in hundreds of small changes; the address gets the last of them. */
const SETTLE_MS = 200
const REDUCED_MOTION_FRAME_MS = 1_000
const MIN_FRAME_MS = 33
const MAX_FRAME_MS = 1_000
/** Plots are about so wide; a window need not be drawn again before it has moved by a pixel. */
const TYPICAL_PLOT_PX = 600

function keyOf(view: TransportView): string {
  const { range, playhead, playing, speed, loop } = view
  return encodeView({ ...DEFAULT_VIEW, range, playhead, playing, speed, loop })
}

/** How long until what moves has moved by a pixel, ms; null when nothing moves. */
export function nextFrameMs(transport: Transport): number | null {
  const { mode, from, to, speed } = transport.now()
  if (mode === 'paused') return null
  if (prefersReducedMotion()) return REDUCED_MOTION_FRAME_MS
  const pixelMs = (to - from) / TYPICAL_PLOT_PX / (mode === 'playing' ? speed : 1)
  return Math.min(MAX_FRAME_MS, Math.max(MIN_FRAME_MS, pixelMs))
}

export interface TransportHandle {
  transport: Transport
  /** Calls back when the window or the playhead has moved enough to be drawn again. */
  onFrame(listener: () => void): () => void
}

/** The transport of the stream on screen, in step with the address bar both ways. */
export function useTransport(): TransportHandle {
  const { view, update } = useView()
  const frameListeners = useRef(new Set<() => void>())
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first view starts it; later ones are adopted below
  const transport = useMemo(
    () => createTransport({ wallNow: Date.now, steadyNow: () => performance.now(), view }),
    [],
  )
  const written = useRef(keyOf(view))
  const latestUpdate = useRef(update)
  useEffect(() => {
    latestUpdate.current = update
  })

  useEffect(() => {
    const key = keyOf(view)
    if (key === written.current) return
    written.current = key
    transport.adopt(view)
  }, [view, transport])

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const leave = transport.subscribe(() => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        const next = transport.toView()
        if (keyOf(next) === written.current) return
        written.current = keyOf(next)
        latestUpdate.current(next)
      }, SETTLE_MS)
    })
    const note = () => {
      if (transport.now().mode !== 'playing') return
      const next = transport.toView()
      written.current = keyOf(next)
      replaceSearchQuietly(encodeView({ ...decodeView(currentSearch()), ...next }))
    }
    const noting = setInterval(note, NOTE_EVERY_MS)
    addEventListener('pagehide', note)
    return () => {
      leave()
      clearTimeout(timer)
      clearInterval(noting)
      removeEventListener('pagehide', note)
    }
  }, [transport])

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const draw = () => {
      clearTimeout(timer)
      if (document.hidden) return
      transport.settle()
      for (const listener of frameListeners.current) listener()
      const wait = nextFrameMs(transport)
      if (wait !== null) timer = setTimeout(draw, wait)
    }
    const leave = transport.subscribe(draw)
    document.addEventListener('visibilitychange', draw)
    draw()
    return () => {
      leave()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', draw)
    }
  }, [transport])

  return useMemo(
    () => ({
      transport,
      onFrame(listener) {
        frameListeners.current.add(listener)
        return () => frameListeners.current.delete(listener)
      },
    }),
    [transport],
  )
}
