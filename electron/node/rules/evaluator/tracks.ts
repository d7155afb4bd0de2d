import { MAX_REMEMBERED, MAX_TRACKED_PUBLISHERS } from '../limits.ts'
import type { CompiledRule } from './compiled-rule.ts'
import type { OpenAlerts } from './open-alerts.ts'
import { SAVED_PART_VERSION, type SavedPart, type SavedTrack } from './saved-part.ts'
import { newTrack, type Track } from './slot.ts'

/** What rules remember of each publisher of a stream part, and of the part itself. */
export class Tracks {
  readonly #rules: readonly CompiledRule[]
  readonly #byPublisher = new Map<string, Track>()
  readonly #starts = new Map<string, number>()
  readonly #max: number
  readonly #fields: readonly string[]
  readonly part: Track
  /** Publishers beyond the bound. */
  untracked = 0

  constructor(
    rules: readonly CompiledRule[],
    fields: readonly string[],
    alerts: OpenAlerts,
    position: number,
    saved: SavedPart | undefined,
  ) {
    this.#rules = rules
    this.#fields = fields
    this.#max = Math.min(MAX_TRACKED_PUBLISHERS, Math.floor(MAX_REMEMBERED / Math.max(1, rules.length)))
    const starts = new Map(saved?.starts)
    for (const { meaning } of rules) this.#starts.set(meaning, starts.get(meaning) ?? position)
    this.part = newTrack(null)
    if (saved !== undefined) {
      fill(this.part, saved.part, rules, fields, alerts)
      for (const track of saved.tracks.slice(0, this.#max)) {
        const restored = newTrack(track.publisher)
        fill(restored, track, rules, fields, alerts)
        this.#byPublisher.set(track.publisher ?? '', restored)
      }
    }
    for (const { rule } of rules) for (const name of rule.publishers ?? []) this.of(name)
  }

  /** @returns undefined when there are too many publishers already */
  of(publisher: string): Track | undefined {
    const known = this.#byPublisher.get(publisher)
    if (known !== undefined) return known
    if (this.#byPublisher.size >= this.#max) {
      this.untracked += 1
      return undefined
    }
    const track = newTrack(publisher)
    this.#byPublisher.set(publisher, track)
    return track
  }

  all(): Iterable<Track> {
    return this.#byPublisher.values()
  }

  /** Since when a rule judges, ms. */
  startOf({ meaning }: CompiledRule): number {
    return this.#starts.get(meaning) ?? 0
  }

  save(position: number): SavedPart {
    return {
      version: SAVED_PART_VERSION,
      position,
      starts: [...this.#starts],
      part: this.#saveTrack(this.part),
      tracks: [...this.#byPublisher.values()].map((track) => this.#saveTrack(track)),
    }
  }

  #saveTrack({ publisher, bornAt, heardAt, slots, counts, chains, fieldAt }: Track): SavedTrack {
    const saved: SavedTrack = { publisher, bornAt, heardAt, slots: [], counts: [], chains: [], fieldAt: [] }
    for (const { index, meaning } of this.#rules) {
      const slot = slots[index]
      if (slot !== undefined)
        saved.slots.push([meaning, { ...slot, slices: slot.slices && [...slot.slices] }])
      const count = counts[index]
      if (count !== undefined) saved.counts.push([meaning, count])
    }
    saved.chains = [...chains].map(([chain, { timestamp, sequence }]) => [chain, timestamp, sequence])
    this.#fields.forEach((path, index) => {
      const at = fieldAt[index]
      if (at !== undefined) saved.fieldAt.push([path, at])
    })
    return saved
  }
}

function fill(
  track: Track,
  saved: SavedTrack,
  rules: readonly CompiledRule[],
  fields: readonly string[],
  alerts: OpenAlerts,
): void {
  track.bornAt = saved.bornAt
  track.heardAt = saved.heardAt
  for (const [chain, timestamp, sequence] of saved.chains) track.chains.set(chain, { timestamp, sequence })
  for (const [path, at] of saved.fieldAt) {
    const index = fields.indexOf(path)
    if (index >= 0) track.fieldAt[index] = at
  }
  const slots = new Map(saved.slots)
  const counts = new Map(saved.counts)
  for (const rule of rules) {
    const slot = slots.get(rule.meaning)
    const count = counts.get(rule.meaning)
    if (count !== undefined) track.counts[rule.index] = count
    if (slot === undefined) continue
    track.slots[rule.index] = slot
    if (!slot.active) continue
    alerts.adopt(rule, track, slot)
    if (rule.condition.kind === 'silence') track.silent += 1
  }
}
