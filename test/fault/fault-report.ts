/** What a fault run found. */
export interface FaultReport {
  /** Faults injected. */
  tried: number
  /** Messages the store said it had. */
  acknowledged: number
  /** Of these, the ones that were not there afterwards. */
  lost: number
  /** Other things that did not hold. */
  failures: number
  /** For people: what failed, what was skipped and why. */
  notes: string[]
}
