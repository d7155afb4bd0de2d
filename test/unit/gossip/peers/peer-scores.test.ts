import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AddressBook } from '../../../../electron/node/gossip/peers/address-book.ts'
import { BanList } from '../../../../electron/node/gossip/peers/ban-list.ts'
import { loadOrCreatePeerKey } from '../../../../electron/node/gossip/peers/peer-key.ts'
import { BAN_AT_SCORE, MAX_SCORE, PeerScores } from '../../../../electron/node/gossip/peers/peer-scores.ts'
import { PeerTable } from '../../../../electron/node/gossip/peers/peer-table.ts'
import { silent } from './test-hosts.ts'

let folder: string
let now: number
const clock = { now: () => now }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-gossip-'))
  now = 1_700_000_000_000
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('peer scores', () => {
  it('rise with good answers up to a bound, and fall with faults', () => {
    const scores = new PeerScores(clock)
    for (let answer = 0; answer < 100; answer++) scores.answered('a')
    expect(scores.scoreOf('a')).toBe(MAX_SCORE)
    scores.fault('a', 'late')
    expect(scores.scoreOf('a')).toBeLessThan(MAX_SCORE)
    expect(scores.fault('stranger', 'forged')).toBeLessThanOrEqual(BAN_AT_SCORE)
  })

  it('return to zero by half in an hour', () => {
    const scores = new PeerScores(clock)
    scores.fault('a', 'unasked')
    const before = scores.scoreOf('a')
    now += 3_600_000
    expect(scores.scoreOf('a')).toBeCloseTo(before / 2)
  })

  it('never ban an honest peer that is late now and then', () => {
    const scores = new PeerScores(clock)
    for (let hour = 0; hour < 48; hour++) {
      for (let times = 0; times < 3; times++) scores.fault('slow', 'late')
      now += 3_600_000
      expect(scores.scoreOf('slow')).toBeGreaterThan(BAN_AT_SCORE)
    }
  })

  it('follow a peer to the address it vouches for, but good ones do not', () => {
    const scores = new PeerScores(clock)
    scores.fault('peer', 'unasked')
    scores.merge('peer', '0xa')
    expect(scores.scoreOf('0xa')).toBeLessThan(0)
    for (let answer = 0; answer < 5; answer++) scores.answered('friendly')
    scores.merge('friendly', '0xb')
    expect(scores.scoreOf('0xb')).toBe(0)
  })
})

describe('the ban list', () => {
  const open = () => BanList.open({ path: join(folder, 'bans.json'), clock, logger: silent })

  it('is kept over restarts and forgets bans that have ended', async () => {
    const list = await open()
    await list.ban('peer', 'forged', now + 1_000)
    await list.ban('0xa', 'by hand', null)
    const reopened = await open()
    expect(reopened.list().map(({ who, times }) => [who, times])).toEqual([
      ['peer', 1],
      ['0xa', 1],
    ])
    now += 1_000
    expect(reopened.isBanned('peer')).toBe(false)
    expect(reopened.times('peer')).toBe(1)
    expect(reopened.isBanned('0xa')).toBe(true)
    await reopened.lift('0xa')
    expect((await open()).isBanned('0xa')).toBe(false)
  })

  it('is begun anew when the file cannot be read', async () => {
    for (const content of ['', '{', '{"version":2,"bans":[]}', '{"version":1,"bans":[{"who":7}]}']) {
      await writeFile(join(folder, 'bans.json'), content)
      expect((await open()).list()).toEqual([])
    }
  })
})

describe('the libp2p key', () => {
  it('is made once, and only its owner may read it', async () => {
    const path = join(folder, 'libp2p.key')
    const key = await loadOrCreatePeerKey(path)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await loadOrCreatePeerKey(path)).equals(key)).toBe(true)
    expect((await readFile(path)).length).toBeGreaterThan(32)
  })

  it('is not replaced in silence when its file is damaged', async () => {
    const path = join(folder, 'libp2p.key')
    await writeFile(path, 'no key')
    await expect(loadOrCreatePeerKey(path)).rejects.toMatchObject({ code: 'data-folder-unusable' })
  })
})

describe('the peer table', () => {
  it('takes two peers of one address and no third', () => {
    const table = new PeerTable()
    expect(table.add({ peerId: '1', address: '0xa' })).toBe(true)
    expect(table.add({ peerId: '2', address: '0xa' })).toBe(true)
    expect(table.add({ peerId: '3', address: '0xa' })).toBe(false)
    expect(table.add({ peerId: '2', address: '0xa' })).toBe(true)
    expect(table.add({ peerId: '3', address: '0xb' })).toBe(true)
  })

  it('wakes whoever waits for a peer, and gives up in time', async () => {
    const table = new PeerTable()
    const waiting = table.whenVouched('1', 5_000)
    table.add({ peerId: '1', address: '0xa' })
    expect(await waiting).toEqual({ peerId: '1', address: '0xa' })
    expect(await table.whenVouched('2', 10)).toBeUndefined()
  })
})

describe('the address book', () => {
  const peer = '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA'
  const address = `/ip4/10.0.0.1/tcp/4001/p2p/${peer}`

  it('leaves out what is no multiaddr with a peer', () => {
    const book = new AddressBook(clock)
    expect(
      book.add('list', ['', 'http://x', '/ip4/10.0.0.1/tcp/4001', 'x'.repeat(1_000), address]).unusable,
    ).toBe(4)
    expect(book.due(10, new Set()).map(({ peerId }) => peerId)).toEqual([peer])
    expect(book.due(10, new Set([peer]))).toEqual([])
  })

  it('waits twice as long after each failure', () => {
    const book = new AddressBook(clock)
    book.add('list', [address])
    const waits: number[] = []
    for (let failure = 0; failure < 4; failure++) {
      book.failed(multiaddr(address))
      const from = now
      while (book.due(1, new Set()).length === 0) now += 1_000
      waits.push(now - from)
    }
    expect(waits).toEqual([15_000, 30_000, 60_000, 120_000])
    book.reached(multiaddr(address))
    now += 15_000
    expect(book.due(1, new Set())).toHaveLength(1)
  })
})
