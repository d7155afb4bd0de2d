import { createPlaybackClock } from '../../../shared/playback-clock.ts'
import { MAX_SPAN_MS, MIN_SPAN_MS, type View } from '../../../shared/view-link.ts'

export type TransportMode = 'live' | 'paused' | 'playing'

/** What is on screen at one moment. Times are ms since the epoch. */
export interface TransportMoment {
  mode: TransportMode
  from: number
  to: number
  /** Null while live, and while a stretch of the past is looked at without replaying it. */
  playhead: number | null
  speed: number
  /** The stretch a replay goes through again and again. */
  loop: { from: number; to: number } | null
}

export type TransportView = Pick<View, 'range' | 'playhead' | 'playing' | 'speed' | 'loop'>

/** Where the playhead stays in the window once it has come so far: a little of what comes next stays in sight. */
const FOLLOW_SHARE = 0.8
/** Where a playhead is put that was sent to a time out of sight. */
const LANDING_SHARE = 0.1
/** A replay this close behind the present has caught up. */
const CAUGHT_UP_MS = 1_000

export interface TransportOptions {
  /** Ms since the epoch. */
  wallNow: () => number
  /** A clock in ms that never steps back. */
  steadyNow: () => number
  view: TransportView
}

export interface Transport {
  now(): TransportMoment
  /** Takes over what another part of the portal has put into the address. */
  adopt(view: TransportView): void
  toView(): TransportView
  goLive(): void
  pause(): void
  play(): void
  toggle(): void
  seek(at: number): void
  setSpeed(speed: number): void
  pan(deltaMs: number): void
  zoom(factor: number, at: number): void
  setWindow(from: number, to: number): void
  /** Moves by a step: the playhead, where there is one, else the window. */
  shift(byMs: number): void
  /** Plays a stretch again and again; null ends that. */
  setLoop(loop: { from: number; to: number } | null): void
  /** Ends a replay that has caught up with the present; to be called now and then. */
  settle(): void
  /** Called with each change that is not the mere passing of time. */
  subscribe(listener: () => void): () => void
}

interface Window {
  from: number
  to: number
}

function clampSpan(span: number): number {
  return Math.min(MAX_SPAN_MS, Math.max(MIN_SPAN_MS, span))
}

/** The window moved so far that the playhead is in sight and has something before it. */
export function followWindow(window: Window, playhead: number): Window {
  const span = window.to - window.from
  const share = (playhead - window.from) / span
  if (share < 0) return shifted(window, playhead - LANDING_SHARE * span - window.from)
  // A window that begins to play at its very end goes on from there instead of jumping.
  const limit = Math.max(FOLLOW_SHARE, Math.min(1, share))
  return share <= limit ? window : shifted(window, (share - limit) * span)
}

function shifted(window: Window, byMs: number): Window {
  return { from: window.from + byMs, to: window.to + byMs }
}

/** Live, paused or replaying: which stretch of time is on screen, and where in it the playhead is. */
export function createTransport({ wallNow, steadyNow, view }: TransportOptions): Transport {
  const listeners = new Set<() => void>()
  const clock = createPlaybackClock({ now: steadyNow, position: wallNow() })
  let mode: TransportMode = 'live'
  /** Of a fixed window while live: its length alone. */
  let base: Window = { from: 0, to: 0 }
  let hasPlayhead = false
  let loop: Window | null = null
  /** Where in the window the playhead may run to before the window follows. */
  let followShare = FOLLOW_SHARE

  function changed(): void {
    for (const listener of listeners) listener()
  }

  function windowNow(): Window {
    if (mode === 'live') {
      const to = wallNow()
      return { from: to - (base.to - base.from), to }
    }
    if (mode === 'paused') return base
    const span = base.to - base.from
    const ahead = clock.state().position - (base.from + followShare * span)
    return ahead <= 0 ? base : shifted(base, ahead)
  }

  function read(next: TransportView): void {
    clock.setSpeed(next.speed)
    loop = next.loop
    if (next.range.kind === 'live') {
      mode = 'live'
      base = { from: 0, to: clampSpan(next.range.spanMs) }
      hasPlayhead = false
      clock.pause()
      return
    }
    base = { from: next.range.from, to: next.range.to }
    hasPlayhead = next.playhead !== null
    if (next.playhead !== null) clock.seek(next.playhead)
    mode = next.playing && hasPlayhead ? 'playing' : 'paused'
    if (mode === 'playing') startClock()
    else clock.pause()
  }

  function startClock(): void {
    const { position } = clock.state()
    base = followWindow(base, position)
    followShare = Math.min(1, Math.max(FOLLOW_SHARE, (position - base.from) / (base.to - base.from)))
    clock.play()
  }

  function freeze(): void {
    base = windowNow()
    if (mode === 'live') {
      clock.seek(base.to)
      hasPlayhead = true
    }
    clock.pause()
    mode = 'paused'
  }

  read(view)

  return {
    now() {
      const { from, to } = windowNow()
      const { position, speed } = clock.state()
      return { mode, from, to, playhead: hasPlayhead ? position : null, speed, loop }
    },
    adopt(next) {
      read(next)
      changed()
    },
    toView() {
      const { from, to } = windowNow()
      const { position, speed } = clock.state()
      if (mode === 'live')
        return {
          range: { kind: 'live', spanMs: to - from },
          playhead: null,
          playing: false,
          speed,
          loop: null,
        }
      const range = { kind: 'fixed', from: Math.round(from), to: Math.round(to) } as const
      return {
        range,
        playhead: hasPlayhead ? Math.round(position) : null,
        playing: mode === 'playing',
        speed,
        loop,
      }
    },
    goLive() {
      loop = null
      const span = base.to - base.from
      mode = 'live'
      base = { from: 0, to: span }
      hasPlayhead = false
      clock.pause()
      changed()
    },
    pause() {
      if (mode === 'paused') return
      freeze()
      changed()
    },
    play() {
      if (mode !== 'paused') return
      // A stretch of the past that is only looked at plays from its beginning.
      if (!hasPlayhead) clock.seek(base.from)
      const { position } = clock.state()
      if (loop !== null && (position < loop.from || position >= loop.to)) clock.seek(loop.from)
      hasPlayhead = true
      mode = 'playing'
      startClock()
      changed()
    },
    toggle() {
      if (mode === 'paused') this.play()
      else this.pause()
    },
    seek(at) {
      const wasPlaying = mode === 'playing'
      base = windowNow()
      mode = 'paused'
      const position = Math.min(at, wallNow())
      clock.seek(position)
      hasPlayhead = true
      const span = base.to - base.from
      if (position < base.from || position > base.to) {
        base = shifted(base, position - LANDING_SHARE * span - base.from)
      }
      if (wasPlaying) {
        mode = 'playing'
        startClock()
      } else {
        clock.pause()
      }
      changed()
    },
    setSpeed(speed) {
      clock.setSpeed(speed)
      changed()
    },
    pan(deltaMs) {
      const window = windowNow()
      clock.pause()
      if (mode === 'live') hasPlayhead = false
      mode = 'paused'
      base = shifted(window, deltaMs)
      changed()
    },
    zoom(factor, at) {
      const window = windowNow()
      const span = clampSpan((window.to - window.from) * factor)
      if (mode === 'live') {
        base = { from: 0, to: span }
      } else {
        const anchor = mode === 'playing' ? clock.state().position : at
        const share = (anchor - window.from) / (window.to - window.from)
        base = { from: anchor - share * span, to: anchor + (1 - share) * span }
      }
      changed()
    },
    setWindow(from, to) {
      const span = clampSpan(to - from)
      clock.pause()
      if (mode === 'live') hasPlayhead = false
      mode = 'paused'
      base = { from, to: from + span }
      changed()
    },
    shift(byMs) {
      if (hasPlayhead) this.seek(clock.state().position + byMs)
      else this.pan(byMs)
    },
    setLoop(next) {
      loop = next
      changed()
    },
    settle() {
      const { position } = clock.state()
      if (mode === 'playing' && loop !== null && position >= loop.to) {
        // What it has run over the end is taken along, so that a loop keeps its speed.
        clock.seek(loop.from + ((position - loop.to) % (loop.to - loop.from)))
        base = followWindow(base, clock.state().position)
        followShare = FOLLOW_SHARE
        changed()
        return
      }
      if (mode === 'playing' && clock.state().position >= wallNow() - CAUGHT_UP_MS) this.goLive()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
