/** What a check of a file of evidence came to: a proof or an audit report. */
export type EvidenceVerdict =
  | {
      outcome: 'good'
      /** What is shown, in one sentence. */
      sentence: string
      /** What was checked here, and what rests on somebody's word. */
      statements: string[]
    }
  /** The file can be read, and it does not show what it says. */
  | { outcome: 'not-good'; sentence: string }
  /** The file is nothing that this version can read. */
  | { outcome: 'not-readable'; sentence: string }
