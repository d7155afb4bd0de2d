/** A time in which nobody watched, ms: the node was stopped, or its machine asleep. */
export interface BlindSpan {
  from: number
  to: number
}

/** More than any part looks back on. */
const MAX_SPANS = 64

/** Times in which silence means nothing. */
export class BlindSpans {
  readonly #spans: BlindSpan[] = []

  add(span: BlindSpan): void {
    this.#spans.push(span)
    if (this.#spans.length > MAX_SPANS) this.#spans.shift()
  }

  /** The end of the last span that began by then; -1 for none. */
  lastEnd(at: number): number {
    let end = -1
    for (const span of this.#spans) if (span.from <= at && span.to > end) end = span.to
    return end
  }

  overlaps(from: number, to: number): boolean {
    return this.#spans.some((span) => span.from < to && span.to > from)
  }
}
