/**
 * Finding d messages that two nodes of a million each do not share: bytes both ways without the messages
 * themselves, requests that had to be waited for, CPU seconds of both sides, and what was found. Beside it in the
 * same run, for the same two nodes: shipping all references, as a Log Store node does, and range-based reconciliation.
 */
import { createHash } from 'node:crypto'
import { answerPeer } from '../../electron/node/gossip/reconcile/answerer.ts'
import { askPeer } from '../../electron/node/gossip/reconcile/asker.ts'
import { createDigestSets } from '../../electron/node/gossip/reconcile/digest-sets.ts'
import { FrameChannel } from '../../electron/node/gossip/reconcile/frame-channel.ts'
import { streamPair } from '../unit/gossip/stream-pair.ts'
import { type Corpus, CorpusStore, createCorpus, PART } from './reconcile/corpus.ts'
import { rangeBased } from './reconcile/range-based.ts'

const MESSAGES = 1_000_000

interface Case {
  name: string
  askerLacks: number[]
  answererLacks: number[]
}

/** Rows chosen at random, the same in every run. */
function scattered(difference: number, length: number): Case {
  const rows = new Set<number>()
  for (let draw = 0; rows.size < difference; draw++) {
    const hash = createHash('sha256').update(`${difference} ${draw}`).digest()
    rows.add(hash.readUInt32LE() % length)
  }
  const half = difference / 2
  const chosen = [...rows]
  return {
    name: `scattered${difference}`,
    askerLacks: chosen.slice(0, half),
    answererLacks: chosen.slice(half),
  }
}

function contiguous(difference: number, length: number): Case {
  const half = difference / 2
  const rows = (from: number): number[] => Array.from({ length: half }, (_, index) => from + index)
  const from = Math.floor(length * 0.41)
  return { name: `contiguous${difference}`, askerLacks: rows(from), answererLacks: rows(from + half) }
}

async function sketchBased(corpus: Corpus, asker: CorpusStore, answerer: CorpusStore) {
  const [here, there] = streamPair()
  const { signal } = new AbortController()
  const timeouts = { frameTimeoutMs: 60_000, sessionTimeoutMs: 120_000, signal }
  const askerChannel = new FrameChannel({ stream: here, ...timeouts })
  const answererChannel = new FrameChannel({ stream: there, ...timeouts })
  const askerSets = createDigestSets()
  const answererSets = createDigestSets()
  const before = process.cpuUsage()
  const answer = answerPeer({
    channel: answererChannel,
    store: answerer,
    sets: answererSets,
    isShared: () => true,
    isHealing: () => false,
    heal: async () => ({ stored: 0, refused: 0 }),
    signal,
  })
  const report = await askPeer({
    channel: askerChannel,
    store: asker,
    sets: askerSets,
    part: PART,
    from: corpus.timestamps[0] ?? 0,
    to: (corpus.timestamps.at(-1) ?? 0) + 1,
    accept: async () => undefined,
    heal: false,
    signal,
  })
  await answer
  const cpu = process.cpuUsage(before)
  await answererChannel.close()
  await Promise.all([askerSets.close(), answererSets.close()])
  if (report.fault !== null) throw report.fault
  const { sentBytes, receivedBytes, receivedMessageBytes } = askerChannel.traffic
  return {
    bytes: sentBytes + receivedBytes - receivedMessageBytes,
    rounds: report.rounds,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    found: report.lacking + report.surplus,
  }
}

/** JSON of every reference of the answerer, `[timestamp,sequence]`, in one answer. */
function references(corpus: Corpus, answerer: CorpusStore): { bytes: number; rounds: number } {
  let bytes = 2
  for (let row = 0; row < corpus.length; row++) {
    if (answerer.has(row)) bytes += `[${corpus.timestamps[row]},0],`.length
  }
  return { bytes, rounds: 1 }
}

export async function run(): Promise<Record<string, unknown>> {
  const corpus = createCorpus(MESSAGES)
  const figures: Record<string, unknown> = {}
  const others: Record<string, Record<string, unknown>> = { references: {}, rangeBased: {} }
  for (const difference of [100, 10_000]) {
    for (const { name, askerLacks, answererLacks } of [
      scattered(difference, MESSAGES),
      contiguous(difference, MESSAGES),
    ]) {
      const asker = new CorpusStore(corpus, askerLacks)
      const answerer = new CorpusStore(corpus, answererLacks)
      figures[name] = await sketchBased(corpus, asker, answerer)
      Object.assign(others.references ?? {}, { [name]: references(corpus, answerer) })
      Object.assign(others.rangeBased ?? {}, { [name]: rangeBased(corpus, asker, answerer) })
    }
  }
  return { ...figures, ...others }
}
