/** Timestamps from `from` to `to`, both inclusive, ms. */
export interface Span {
  from: number
  to: number
}

/** Stretches that wait to be looked through: never overlapping, oldest first, and never more than `maxSpans`. */
export class SpanList {
  readonly #maxSpans: number
  #spans: Span[] = []

  constructor(maxSpans: number) {
    this.#maxSpans = maxSpans
  }

  get size(): number {
    return this.#spans.length
  }

  add({ from, to }: Span): void {
    const isApart = (span: Span) => span.to < from - 1 || span.from > to + 1
    const touching = this.#spans.filter((span) => !isApart(span))
    const merged = {
      from: Math.min(from, ...touching.map((span) => span.from)),
      to: Math.max(to, ...touching.map((span) => span.to)),
    }
    this.#spans = [...this.#spans.filter(isApart), merged].sort((a, b) => a.from - b.from)
    if (this.#spans.length > this.#maxSpans) this.#joinNearest()
  }

  takeAll(): Span[] {
    return this.#spans.splice(0)
  }

  #joinNearest(): void {
    let nearest = 0
    let distance = Number.POSITIVE_INFINITY
    for (const [at, span] of this.#spans.entries()) {
      const next = this.#spans[at + 1]
      if (next === undefined || next.from - span.to >= distance) continue
      distance = next.from - span.to
      nearest = at
    }
    const [first, second] = this.#spans.slice(nearest, nearest + 2)
    if (first === undefined || second === undefined) return
    this.#spans.splice(nearest, 2, { from: first.from, to: second.to })
  }
}
