/** What replays choose from; the clock itself takes any speed within its bounds. */
export const PLAYBACK_SPEEDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 50, 100, 500, 1_000] as const
export const MIN_PLAYBACK_SPEED = 0.01
export const MAX_PLAYBACK_SPEED = 1_000

export interface PlaybackState {
  /** Data time under the playhead, ms since the epoch. */
  position: number
  /** Data milliseconds per real millisecond. */
  speed: number
  playing: boolean
}

export interface PlaybackClockOptions {
  /** A steady clock in ms, such as `performance.now`; it may start anywhere and never steps back. */
  now: () => number
  position: number
  speed?: number
  playing?: boolean
}

export interface PlaybackClock {
  state(): PlaybackState
  play(): void
  pause(): void
  seek(position: number): void
  setSpeed(speed: number): void
}

/** @throws RangeError for a speed outside its bounds. */
function checkedSpeed(speed: number): number {
  if (!(speed >= MIN_PLAYBACK_SPEED && speed <= MAX_PLAYBACK_SPEED)) {
    throw new RangeError(
      `Playback speed must be from ${MIN_PLAYBACK_SPEED} to ${MAX_PLAYBACK_SPEED}, not ${speed}`,
    )
  }
  return speed
}

/**
 * Time under the playhead of a replay. The position is computed from the moment of the last change and never
 * summed up frame by frame, so it holds its speed however seldom it is asked: a day at 1000x takes 86.4 s.
 */
export function createPlaybackClock(options: PlaybackClockOptions): PlaybackClock {
  const { now } = options
  let speed = checkedSpeed(options.speed ?? 1)
  let playing = options.playing ?? false
  let anchorPosition = options.position
  let anchorNow = now()

  function position(): number {
    return playing ? anchorPosition + (now() - anchorNow) * speed : anchorPosition
  }
  function anchor(at: number): void {
    anchorPosition = at
    anchorNow = now()
  }

  return {
    state: () => ({ position: position(), speed, playing }),
    play() {
      anchor(position())
      playing = true
    },
    pause() {
      anchor(position())
      playing = false
    },
    seek: anchor,
    setSpeed(next) {
      const at = position()
      speed = checkedSpeed(next)
      anchor(at)
    },
  }
}
