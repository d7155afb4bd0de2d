import { generateKeyPair } from '@libp2p/crypto/keys'
import { type Message, TopicValidatorResult } from '@libp2p/gossipsub'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { AnnouncementValidator } from '../../../../electron/node/gossip/announcements/announcement-validator.ts'
import {
  type Announcements,
  startAnnouncements,
} from '../../../../electron/node/gossip/announcements/announcements.ts'
import {
  type Coverage,
  coverageTopic,
  coveredIn,
  decodeCoverage,
  encodeCoverage,
  readCoverage,
} from '../../../../electron/node/gossip/announcements/coverage.ts'
import { CoverageBook } from '../../../../electron/node/gossip/announcements/coverage-book.ts'
import { TokenBuckets } from '../../../../electron/node/gossip/announcements/token-bucket.ts'
import { MAX_ANNOUNCEMENT_BYTES, MAX_HOLDERS_PER_PART } from '../../../../electron/node/gossip/limits.ts'
import { PeerFault } from '../../../../electron/node/gossip/peer-fault.ts'
import type { GossipHost } from '../../../../electron/node/gossip/peers/host.ts'
import { readGrid } from '../../../../electron/node/gossip/reconcile/bucket-grid.ts'
import { MemoryStore, storedMessage, testMessage } from '../memory-store.ts'
import { connect, eventually, silent, TestHosts } from '../peers/test-hosts.ts'

const PART = '0xaa/load#0'
const START = 1_700_000_000_000
const forever = new AbortController().signal

const coverage = (overrides: Partial<Coverage> = {}): Coverage => ({
  part: PART,
  grid: readGrid(START, 10_000, 3),
  counts: Float64Array.of(5, 0, 7),
  at: START,
  addresses: [Uint8Array.of(4, 127, 0, 0, 1)],
  ...overrides,
})

const storeOf = (...seconds: number[]): MemoryStore =>
  new MemoryStore(seconds.map((second) => storedMessage(testMessage(PART, START + second * 1_000))))

/** Real connections: on a busy machine they take their time. */
vi.setConfig({ testTimeout: 60_000 })

describe('coverage', () => {
  it('reads back as it was written', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 60 }),
        fc.array(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { minLength: 1, maxLength: 64 }),
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 100 }), { maxLength: 4 }),
        (part, counts, addresses) => {
          const written = coverage({
            part,
            grid: readGrid(START, 10_000, counts.length),
            counts: Float64Array.from(counts),
            addresses,
          })
          expect(decodeCoverage(encodeCoverage(written))).toEqual(written)
        },
      ),
    )
  })

  it('is refused when it is none', () => {
    for (const bytes of [
      encodeCoverage(coverage({ counts: new Float64Array(0) })),
      encodeCoverage(coverage({ counts: new Float64Array(65) })),
      encodeCoverage(coverage({ grid: { ...readGrid(START, 10_000, 3), widthMs: 77 } })),
      encodeCoverage(coverage({ addresses: Array.from({ length: 5 }, () => Uint8Array.of(1)) })),
      Uint8Array.of(1, 2, 3),
    ]) {
      expect(() => decodeCoverage(bytes)).toThrow(PeerFault)
    }
  })

  it('counts what a store holds, in at most 64 buckets', async () => {
    const read = await readCoverage(storeOf(0, 1, 5_000), PART, START, [], undefined)
    expect(read.counts.length).toBeLessThanOrEqual(64)
    expect(coveredIn(read, START, START + 5_001_000)).toBe(3)
    expect(coveredIn(read, START + 1_000_000, START + 2_000_000)).toBe(0)
    expect(coveredIn(await readCoverage(new MemoryStore(), PART, START, [], undefined), 0, START)).toBe(0)
  })
})

describe('the coverage book', () => {
  it('forgets what is old, and the oldest holder when there are too many', () => {
    let now = START
    const book = new CoverageBook({ now: () => now })
    for (let holder = 0; holder <= MAX_HOLDERS_PER_PART; holder++) {
      now += 1
      book.put(`peer ${holder}`, coverage())
    }
    expect(book.of(PART)).toHaveLength(MAX_HOLDERS_PER_PART)
    expect(book.get(PART, 'peer 0')).toBeUndefined()
    now += 3_600_000
    expect(book.of(PART)).toEqual([])
  })
})

describe('a token bucket', () => {
  it('allows a burst, then a rate, to each sender apart', () => {
    let now = 0
    const buckets = new TokenBuckets(2, 3, { now: () => now })
    const taken = (sender: string): number =>
      Array.from({ length: 10 }, () => buckets.take(sender)).filter(Boolean).length
    expect(taken('a')).toBe(3)
    expect(taken('b')).toBe(3)
    now += 1_000
    expect(taken('a')).toBe(2)
    now -= 5_000
    expect(taken('a')).toBe(0)
  })
})

const key = await generateKeyPair('Ed25519')
const author = peerIdFromPrivateKey(key)

describe('the validator of announcements', () => {
  let now = START
  const validator = (book = new CoverageBook({ now: () => now }), banned: string[] = []) =>
    new AnnouncementValidator({
      book,
      isBanned: (peerId) => banned.includes(peerId),
      onAnnouncement: (peerId, heard) => book.put(peerId, heard),
      clock: { now: () => now },
    })
  const message = (data: Uint8Array, topic = coverageTopic(PART)): Message => ({
    type: 'signed',
    from: author,
    topic,
    data,
    sequenceNumber: 1n,
    signature: new Uint8Array(64),
    key: key.publicKey,
  })

  it('accepts a good one and keeps it', () => {
    const book = new CoverageBook({ now: () => now })
    expect(validator(book).validate('peer', message(encodeCoverage(coverage())))).toBe(
      TopicValidatorResult.Accept,
    )
    expect(book.of(PART).map(({ peerId }) => peerId)).toEqual([author.toString()])
  })

  it.each<[what: string, of: Message, result: TopicValidatorResult]>([
    ['rejects garbage', message(Uint8Array.of(1, 2, 3)), TopicValidatorResult.Reject],
    [
      'rejects one of another part',
      message(encodeCoverage(coverage({ part: 'other#0' }))),
      TopicValidatorResult.Reject,
    ],
    [
      'rejects one that is too large',
      message(new Uint8Array(MAX_ANNOUNCEMENT_BYTES + 1)),
      TopicValidatorResult.Reject,
    ],
    [
      'rejects one that nobody signed',
      { type: 'unsigned', topic: coverageTopic(PART), data: encodeCoverage(coverage()) },
      TopicValidatorResult.Reject,
    ],
    [
      'leaves one alone whose clock is years off',
      message(encodeCoverage(coverage({ at: START + 1e11 }))),
      TopicValidatorResult.Ignore,
    ],
  ])('%s', (_, of, result) => {
    expect(validator().validate('peer', of)).toBe(result)
  })

  it('leaves banned authors, repetition and haste alone', () => {
    const good = message(encodeCoverage(coverage()))
    expect(validator(undefined, [author.toString()]).validate('peer', good)).toBe(TopicValidatorResult.Ignore)
    const busy = validator()
    expect(busy.validate('peer', good)).toBe(TopicValidatorResult.Accept)
    expect(busy.validate('peer', message(encodeCoverage(coverage({ at: START + 1 }))))).toBe(
      TopicValidatorResult.Ignore,
    )
    now += 10_000
    expect(busy.validate('peer', good)).toBe(TopicValidatorResult.Ignore)
    expect(busy.validate('peer', message(encodeCoverage(coverage({ at: START + 2 }))))).toBe(
      TopicValidatorResult.Accept,
    )
  })

  it('leaves a flood from one forwarder alone', () => {
    const flooded = validator()
    const results = Array.from({ length: 300 }, () => flooded.validate('flooder', message(Uint8Array.of(1))))
    expect(results.filter((result) => result === TopicValidatorResult.Ignore).length).toBe(100)
  })
})

describe('announcements among hosts', () => {
  const hosts = new TestHosts()
  const started: Announcements[] = []
  afterEach(async () => {
    await Promise.all(started.splice(0).map((announcements) => announcements.stop()))
    await hosts.stop()
  })

  async function node(store: MemoryStore): Promise<{ host: GossipHost; announcements: Announcements }> {
    const host = await hosts.start()
    const announcements = await startAnnouncements({ host, store, clock: Date, logger: silent })
    started.push(announcements)
    return { host, announcements }
  }

  it('tell each other what they hold, also over a peer that holds nothing', async () => {
    const one = await node(storeOf(1, 2, 3))
    const middle = await node(new MemoryStore())
    const other = await node(storeOf(3, 4))
    for (const { announcements } of [one, middle, other]) announcements.follow(PART)
    await connect(one.host, middle.host)
    await connect(other.host, middle.host)
    await eventually(() => one.announcements.heard(PART).some(({ peerId }) => peerId === other.host.peerId))
    const heard = one.announcements.heard(PART).find(({ peerId }) => peerId === other.host.peerId)
    expect(heard === undefined ? 0 : coveredIn(heard.coverage, START, START + 10_000)).toBe(2)
  })

  it('answer when they are asked what they hold of a range, for parts they follow', async () => {
    const one = await node(storeOf(1, 2, 3))
    const other = await node(new MemoryStore())
    await connect(one.host, other.host)
    one.announcements.follow(PART)
    const range = { from: START + 2_000, to: START + 10_000 }
    const covered = await other.announcements.ask(one.host.peerId, { part: PART, range }, forever)
    expect(coveredIn(covered, range.from, range.to)).toBe(2)
    const refused = other.announcements.ask(one.host.peerId, { part: 'other#0', range }, forever)
    await expect(refused).rejects.toMatchObject({ code: 'refused' })
  })
})
