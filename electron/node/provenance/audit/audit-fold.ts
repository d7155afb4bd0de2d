import type { FindingKind } from '../../../../shared/audit.ts'
import type { FindingExample } from '../../../../shared/audit-report.ts'
import { clockStanding } from '../../../../shared/clock-standing.ts'
import type { MessageId } from '../../../../shared/message.ts'
import type { Verdict, VerdictReason } from '../../../../shared/verdict.ts'
import { compareMessageIds } from '../../message/order.ts'
import type { StoredMessage } from '../../ports.ts'
import { type AuditedMessage, idText } from '../audited-batch.ts'
import { DigestTree, type DigestTreeState } from '../digest-tree.ts'
import { examineMessage } from '../examine.ts'
import { SIGNATURE_IS_GOOD } from '../permission-review.ts'
import { ChainLedger, type ChainLedgerState } from './chain-ledger.ts'
import { type Evidence, FindingBook, type FindingBookState } from './finding-book.ts'
import { PublisherTable, type PublisherTableState } from './publisher-table.ts'

export interface FoldTotals {
  messages: number
  bytes: number
  verdicts: Record<Verdict, number>
  equivocations: number
  gaps: number
  firstTimestamp: number | null
  lastTimestamp: number | null
}

/** A message as far as evidence needs it. */
type Signed = Pick<StoredMessage, 'digest' | 'raw'> & { id: Omit<MessageId, 'streamId' | 'partition'> }

/** A message kept over a pause: digest in hex, bytes in base64. */
interface KeptMessage {
  id: Signed['id']
  digest: string
  raw: string
}

/** Everything that an audit knows half-way, as JSON. */
export interface AuditFoldState {
  totals: FoldTotals
  /** The last message whose signature was good. */
  lastSigned: KeptMessage | null
  tree: DigestTreeState
  chains: ChainLedgerState
  publishers: PublisherTableState
  findings: FindingBookState
}

/** One stored message with what was read from its bytes again. */
export interface FoldedMessage {
  stored: StoredMessage
  audited: AuditedMessage | undefined
}

/** Takes the messages of a range in their order, and keeps what a report says about them. */
export class AuditFold {
  readonly totals: FoldTotals
  readonly tree: DigestTree
  readonly chains: ChainLedger
  readonly publishers: PublisherTable
  readonly findings: FindingBook
  /** To tell equivocation: contents of one id follow each other. */
  #lastSigned: Signed | null

  constructor(range: { from: number; intervalMs: number }, state?: AuditFoldState) {
    this.totals = state?.totals ?? {
      messages: 0,
      bytes: 0,
      verdicts: { verified: 0, pending: 0, unauthorised: 0, forged: 0 },
      equivocations: 0,
      gaps: 0,
      firstTimestamp: null,
      lastTimestamp: null,
    }
    this.#lastSigned = (state?.lastSigned && fromKept(state.lastSigned)) ?? null
    this.tree = state === undefined ? new DigestTree() : DigestTree.resume(state.tree)
    this.chains = new ChainLedger(range.from, state?.chains)
    this.publishers = new PublisherTable(range, state?.publishers)
    this.findings = new FindingBook(state?.findings)
  }

  state(): AuditFoldState {
    return {
      totals: this.totals,
      lastSigned: this.#lastSigned && toKept(this.#lastSigned),
      tree: this.tree.state(),
      chains: this.chains.state(),
      publishers: this.publishers.state(),
      findings: this.findings.state(),
    }
  }

  add({ stored, audited }: FoldedMessage): void {
    const { id, raw } = stored
    this.totals.messages += 1
    this.totals.bytes += raw.length
    this.totals.firstTimestamp ??= id.timestamp
    this.totals.lastTimestamp = id.timestamp
    if (
      audited === undefined ||
      audited.id !== idText(id) ||
      Buffer.compare(audited.digest, stored.digest) !== 0
    ) {
      this.totals.verdicts.pending += 1
      this.#found('store-damaged', stored, () => ({ readable: audited !== undefined }))
      return
    }
    this.totals.verdicts[audited.verdict] += 1
    this.#judgeVerdict(stored, audited)
    if (!SIGNATURE_IS_GOOD.has(audited.reason)) return
    this.#judgeClock(stored)
    const isSecond = this.#judgeEquivocation(stored)
    this.#judgeChain(stored, audited)
    if (audited.verdict !== 'verified') return
    this.tree.append(audited.leaf)
    if (!isSecond) this.publishers.add(id.publisher, id.timestamp, raw.length)
  }

  /** A message that claims a future time and is held back: not part of the range yet, and a wrong clock. */
  addHeldBack(stored: StoredMessage): void {
    if (SIGNATURE_IS_GOOD.has(stored.reason)) this.#judgeClock(stored)
  }

  addSchemaViolation(stored: StoredMessage, detail: FindingExample['detail']): void {
    this.#found('schema-violation', stored, () => detail)
  }

  #judgeVerdict(stored: StoredMessage, { verdict, reason }: AuditedMessage): void {
    if (verdict !== stored.verdict || reason !== stored.reason) {
      this.#found('verdict-changed', stored, () => ({
        storedVerdict: stored.verdict,
        storedReason: stored.reason,
        verdict,
        reason,
      }))
    }
    const kind = KIND_OF_VERDICT[verdict]
    if (kind !== undefined) this.#found(kind, stored, () => detailOf(stored, reason))
  }

  #judgeClock(stored: StoredMessage): void {
    const aheadMs = stored.id.timestamp - stored.receivedAt
    const standing = clockStanding(stored.id.timestamp, stored.receivedAt, stored.source)
    const detail = () => ({ firstSeenAt: stored.receivedAt, aheadMs })
    if (standing === 'ahead') this.#found('clock-ahead', stored, detail)
    else if (standing === 'behind') {
      this.#found('clock-behind', stored, () => ({ firstSeenAt: stored.receivedAt, behindMs: -aheadMs }))
    }
  }

  /** @returns whether another content of the id came before */
  #judgeEquivocation(stored: StoredMessage): boolean {
    const before = this.#lastSigned
    this.#lastSigned = stored
    if (before === null || compareMessageIds(before.id, stored.id) !== 0) return false
    if (Buffer.compare(before.digest, stored.digest) === 0) return false
    this.totals.equivocations += 1
    const naming = (other: Signed) => () => ({ other: Buffer.from(other.digest).toString('hex') })
    this.findings.add({
      kind: 'equivocation',
      ...evidenceOf(stored, naming(before)),
      beside: evidenceOf(before, naming(stored)),
    })
    return true
  }

  #judgeChain(stored: StoredMessage, { previous, verdict }: AuditedMessage): void {
    const { publisher, chain, timestamp, sequence } = stored.id
    const fault = this.chains.follow({
      publisher,
      chain,
      ref: { timestamp, sequence },
      previous,
      verified: verdict === 'verified',
    })
    if (fault === undefined) return
    if (fault.kind === 'fork') {
      this.#found('chain-fork', stored, () =>
        previous === undefined
          ? { namesNone: true }
          : { previousTimestamp: previous.timestamp, previousSequence: previous.sequence },
      )
      return
    }
    const { missing } = fault
    this.totals.gaps += 1
    this.#found('gap', stored, () => ({
      missingTimestamp: missing.timestamp,
      missingSequence: missing.sequence,
    }))
  }

  #found(kind: FindingKind, stored: StoredMessage, detail: () => FindingExample['detail']): void {
    this.findings.add({ kind, ...evidenceOf(stored, detail) })
  }
}

function evidenceOf({ id, digest, raw }: Signed, detail: Evidence['detail']): Evidence {
  const { publisher, timestamp, sequence, chain } = id
  return { publisher, timestamp, sequence, chain, digest, raw, detail }
}

function toKept({ id, digest, raw }: Signed): KeptMessage {
  const { publisher, timestamp, sequence, chain } = id
  return {
    id: { publisher, timestamp, sequence, chain },
    digest: Buffer.from(digest).toString('hex'),
    raw: Buffer.from(raw).toString('base64'),
  }
}

function fromKept({ id, digest, raw }: KeptMessage): Signed {
  return { id, digest: Buffer.from(digest, 'hex'), raw: Buffer.from(raw, 'base64') }
}

const KIND_OF_VERDICT: Partial<Record<Verdict, FindingKind>> = {
  forged: 'forged',
  unauthorised: 'unauthorised',
  pending: 'undecided',
}

/** For forged messages who signed instead, as far as the signature tells. */
function detailOf(stored: StoredMessage, reason: VerdictReason): FindingExample['detail'] {
  if (reason !== 'signature-invalid') return { reason }
  const { signer } = examineMessage(stored.raw)
  return signer === null ? { reason } : { reason, signer }
}
