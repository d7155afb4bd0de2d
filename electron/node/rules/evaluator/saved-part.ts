import type { Slot } from './slot.ts'

/** The form of what is saved; one of another form is not used, and rules begin anew. */
export const SAVED_PART_VERSION = 2

export interface SavedTrack {
  publisher: string | null
  bornAt: number
  heardAt: number
  /** By the meaning of the rule. */
  slots: [meaning: string, slot: Slot][]
  counts: [meaning: string, count: number][]
  chains: [chain: string, timestamp: number, sequence: number][]
  /** By the path of the field. */
  fieldAt: [path: string, at: number][]
}

/** What the rules of one stream part remember, as it is put on disk. */
export interface SavedPart {
  version: typeof SAVED_PART_VERSION
  position: number
  /** Since when each rule judges, ms. */
  starts: [meaning: string, at: number][]
  part: SavedTrack
  tracks: SavedTrack[]
}

/**
 * The same at an earlier time, for a clock that was set back: what lies ahead of it moves to it, so that nothing waits
 * for a time that is far off. Alerts stay what they are.
 */
export function setBack(saved: SavedPart, position: number): SavedPart {
  const aheadMs = saved.position - position
  const back = (time: number): number => Math.min(time, position)
  const setTrackBack = (track: SavedTrack): SavedTrack => ({
    ...track,
    bornAt: back(track.bornAt),
    heardAt: back(track.heardAt),
    counts: [],
    fieldAt: track.fieldAt.map(([path, at]) => [path, back(at)]),
    chains: track.chains.map(([chain, timestamp, sequence]) =>
      timestamp > position ? [chain, position, 0] : [chain, timestamp, sequence],
    ),
    slots: track.slots.map(([meaning, slot]) => [
      meaning,
      {
        ...slot,
        since: back(slot.since),
        at: back(slot.at),
        endsAt: slot.endsAt < 0 ? slot.endsAt : Math.max(position, slot.endsAt - aheadMs),
        slices: null,
        slice: -1,
      },
    ]),
  })
  return {
    ...saved,
    position,
    starts: saved.starts.map(([meaning, at]) => [meaning, back(at)]),
    part: setTrackBack(saved.part),
    tracks: saved.tracks.map(setTrackBack),
  }
}
