import { COUNT, MAX, MIN, SUM } from '../pyramid/field-statistics.ts'

/**
 * Values with the number of messages each stands for. A bucket of up to three messages gives them exactly: its
 * lowest, its highest and what is left of its sum; of more, all between the two ends stand at their mean.
 */
export class WeightedValues {
  readonly #values: number[] = []
  readonly #weights: number[] = []
  #total = 0

  /** @param figures one row of the pyramid */
  addBucket(figures: Float64Array): void {
    const count = figures[COUNT] as number
    const min = figures[MIN] as number
    const max = figures[MAX] as number
    if (count === 0) return
    this.#add(min, 1)
    if (count > 1) this.#add(max, 1)
    if (count <= 2) return
    const between = ((figures[SUM] as number) - min - max) / (count - 2)
    // Rounding of a sum must not carry a mean out of its bounds.
    this.#add(Math.min(max, Math.max(min, between)), count - 2)
  }

  addAll(other: WeightedValues): void {
    other.#values.forEach((value, at) => {
      this.#add(value, other.#weights[at] as number)
    })
  }

  get count(): number {
    return this.#total
  }

  /** The smallest values that have at least the given shares of all at or below them; empty without values. */
  quantiles(shares: readonly number[]): number[] {
    if (this.#total === 0) return []
    const order = this.#values.map((_, at) => at).sort((a, b) => this.#at(a) - this.#at(b))
    return shares.map((share) => {
      const needed = share * this.#total
      let seen = 0
      for (const at of order) {
        seen += this.#weights[at] as number
        if (seen >= needed) return this.#at(at)
      }
      return this.#at(order.at(-1) as number)
    })
  }

  #at(index: number): number {
    return this.#values[index] as number
  }

  #add(value: number, weight: number): void {
    this.#values.push(value)
    this.#weights.push(weight)
    this.#total += weight
  }
}
