import { FINDING_KINDS, type FindingKind } from '../../../../shared/audit.ts'
import {
  type Finding,
  type FindingExample,
  MAX_FINDING_EXAMPLES,
  MAX_FINDINGS_PER_KIND,
} from '../../../../shared/audit-report.ts'
import { compareText } from './chain-ledger.ts'
import { MAX_EVIDENCE_BYTES, MAX_EXAMPLE_BYTES } from './limits.ts'

/** A message that is evidence, with what is particular about it. */
export interface Evidence {
  publisher: string
  timestamp: number
  sequence: number
  chain: string
  digest: Uint8Array
  raw: Uint8Array
  detail: () => FindingExample['detail']
}

/** What was found at one message. */
export interface FoundAt extends Evidence {
  kind: FindingKind
  /** Another message that the finding needs to be seen, shown before this one. */
  beside?: Evidence
}

export interface FindingBookState {
  findings: Finding[]
  evidenceBytes: number
}

/**
 * Findings by kind and publisher, with the first messages of each as evidence. Names can be invented by anybody, so
 * publishers beyond a bound share one finding of their kind, and raw bytes are kept up to a bound.
 */
export class FindingBook {
  readonly #byKind = new Map<FindingKind, Map<string, Finding>>()
  #evidenceBytes = 0

  constructor(state?: FindingBookState) {
    if (state === undefined) return
    this.#evidenceBytes = state.evidenceBytes
    for (const finding of state.findings) this.#of(finding.kind).set(finding.publisher ?? '', finding)
  }

  add(found: FoundAt): void {
    const { kind, timestamp } = found
    const finding = this.#findingFor(kind, found.publisher, timestamp)
    finding.count += 1
    finding.firstTimestamp = Math.min(finding.firstTimestamp, timestamp)
    finding.lastTimestamp = Math.max(finding.lastTimestamp, timestamp)
    const shown = found.beside === undefined ? [found] : [found.beside, found]
    const isLast = (evidence: Evidence) =>
      finding.examples.at(-1)?.digest === Buffer.from(evidence.digest).toString('hex')
    for (const evidence of shown) {
      if (finding.examples.length < MAX_FINDING_EXAMPLES && !isLast(evidence)) {
        finding.examples.push(this.#example(evidence))
      }
    }
  }

  counts(): Partial<Record<FindingKind, number>> {
    const counts: Partial<Record<FindingKind, number>> = {}
    for (const [kind, findings] of this.#byKind) {
      let count = 0
      for (const finding of findings.values()) count += finding.count
      counts[kind] = count
    }
    return counts
  }

  /** The gravest kind first, in it the most messages, then by name. */
  ranked(): Finding[] {
    return FINDING_KINDS.flatMap((kind) =>
      [...(this.#byKind.get(kind)?.values() ?? [])].sort(
        (a, b) => b.count - a.count || compareText(a.publisher ?? '', b.publisher ?? ''),
      ),
    )
  }

  state(): FindingBookState {
    return { findings: this.ranked(), evidenceBytes: this.#evidenceBytes }
  }

  #of(kind: FindingKind): Map<string, Finding> {
    const known = this.#byKind.get(kind)
    if (known !== undefined) return known
    const findings = new Map<string, Finding>()
    this.#byKind.set(kind, findings)
    return findings
  }

  #findingFor(kind: FindingKind, publisher: string, timestamp: number): Finding {
    const findings = this.#of(kind)
    const isTold = findings.has(publisher) || findings.size < MAX_FINDINGS_PER_KIND
    const key = isTold ? publisher : ''
    const known = findings.get(key)
    if (known !== undefined) return known
    const finding: Finding = {
      kind,
      publisher: isTold ? publisher : null,
      count: 0,
      firstTimestamp: timestamp,
      lastTimestamp: timestamp,
      rights: [],
      examples: [],
    }
    findings.set(key, finding)
    return finding
  }

  #example({ timestamp, sequence, publisher, chain, digest, detail, raw }: Evidence): FindingExample {
    const fits = raw.length <= MAX_EXAMPLE_BYTES && this.#evidenceBytes + raw.length <= MAX_EVIDENCE_BYTES
    if (fits) this.#evidenceBytes += raw.length
    return {
      timestamp,
      sequence,
      publisher,
      chain,
      digest: Buffer.from(digest).toString('hex'),
      detail: detail(),
      raw: fits ? Buffer.from(raw).toString('base64') : null,
    }
  }
}
