import { setImmediate as nextTurn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { encodeVerifiedBatch, type VerifiedBatch } from '../../../electron/node/message/verified-batch.ts'
import type { AppendResult, StoredNotice } from '../../../electron/node/ports.ts'
import { MAX_GATHER_MS, MAX_QUIET_MS } from '../../../electron/node/store/limits.ts'
import { AppendQueue } from '../../../electron/node/store/write/append-queue.ts'
import { syntheticMessage } from './synthetic-messages.ts'

interface Played {
  /** Batches of each transaction. */
  transactions: number[]
  outcomes: string[]
  trouble: unknown[]
  notices: StoredNotice[][]
}

/** Plays batches, named by their source, through a queue whose transactions do what `commit` says. */
async function play(sources: readonly string[], commit: (batch: VerifiedBatch) => void): Promise<Played> {
  const played: Played = { transactions: [], outcomes: [], trouble: [], notices: [] }
  const queue = new AppendQueue({
    append: (batches) => {
      played.transactions.push(batches.length)
      return batches.map((batch): AppendResult => {
        commit(batch)
        const { messages: stored } = batch
        const notice = { part: 'p#0', stored, duplicates: 0, firstTimestamp: 1, lastTimestamp: 2 }
        const verdicts = { verified: stored, pending: 0, unauthorised: 0, forged: 0 }
        const parts = [{ ...notice, verdicts }]
        return { stored, duplicates: 0, quarantined: 0, equivocations: 0, held: 0, declined: 0, parts }
      })
    },
    onNotices: (notices) => played.notices.push(notices),
    onTrouble: (error) => played.trouble.push(error),
  })
  await Promise.all(
    sources.map(
      (source, index) =>
        new Promise<void>((resolve) => {
          const tell = (outcome: string) => (): void => {
            played.outcomes[index] = outcome
            resolve()
          }
          const buffer =
            source === 'cut' ? new ArrayBuffer(8) : encodeVerifiedBatch([syntheticMessage({ source })])
          queue.push({ buffer, onStored: tell('stored'), onFailed: tell('failed') })
        }),
    ),
  )
  return played
}

describe('append queue', () => {
  test('what waits goes into one transaction, and one notice a part is sent for it', async () => {
    const played = await play(['a', 'b', 'c'], () => undefined)
    expect(played).toMatchObject({ transactions: [3], outcomes: ['stored', 'stored', 'stored'], trouble: [] })
    expect(played.notices).toMatchObject([[{ part: 'p#0', stored: 3, verdicts: { verified: 3 } }]])
  })

  test('a batch that cannot be stored does not take the others with it', async () => {
    const played = await play(['a', 'bad', 'cut', 'c'], ({ sources }) => {
      if (sources.includes('bad')) throw new Error('datatype mismatch')
    })
    expect(played.outcomes).toEqual(['stored', 'failed', 'failed', 'stored'])
    expect(played.transactions).toEqual([3, 1, 1, 1])
  })

  test('a disk that fails is told once, fails what waits, and is told to be well by the first commit', async () => {
    let left = 2
    const full = new Database.SqliteError('database or disk is full', 'SQLITE_FULL')
    const commit = (): void => {
      if (left-- > 0) throw full
    }
    const first = await play(['a', 'b'], commit)
    expect(first).toMatchObject({ transactions: [2], outcomes: ['failed', 'failed'], notices: [] })
    expect(first.trouble).toEqual([full])
  })
})

describe('what gathers for a transaction', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  /** A queue on a clock of its own, on which each transaction takes 40 ms; what it stored, by the batches' sources. */
  function gathering(): { transactions: string[][]; push: (source: string, at?: number) => void } {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let now = 0
    const transactions: string[][] = []
    const queue = new AppendQueue({
      append: (batches) => {
        now += 40
        transactions.push(batches.flatMap(({ sources }) => sources))
        return batches.map(() => ({
          stored: 1,
          duplicates: 0,
          quarantined: 0,
          equivocations: 0,
          held: 0,
          declined: 0,
          parts: [],
        }))
      },
      onNotices: () => undefined,
      onTrouble: () => undefined,
      now: () => now,
    })
    const push = (source: string, at = 1): void => {
      const message = syntheticMessage({ source, at })
      const buffer = encodeVerifiedBatch([message])
      queue.push({
        buffer,
        onStored: () => undefined,
        onFailed: (error) => expect.unreachable(String(error)),
      })
    }
    return { transactions, push }
  }

  /** Longer than anything that is scheduled for the next turn of the event loop. */
  async function someTurns(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await nextTurn()
  }

  test('batches that come one by one are committed at once', async () => {
    const { transactions, push } = gathering()
    for (const source of ['a', 'b', 'c']) {
      push(source)
      await someTurns()
    }
    expect(transactions).toEqual([['a'], ['b'], ['c']])
  })

  test('after a transaction of several batches the next one waits, and takes what has come by then', async () => {
    const { transactions, push } = gathering()
    push('a')
    push('b')
    await someTurns()
    push('c')
    await someTurns()
    push('d')
    await someTurns()
    expect(transactions).toEqual([['a', 'b']])
    vi.advanceTimersByTime(MAX_GATHER_MS)
    await someTurns()
    expect(transactions).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
  })

  test('what has gathered is committed when nothing more comes', async () => {
    const { transactions, push } = gathering()
    push('a')
    push('b')
    await someTurns()
    push('c')
    vi.advanceTimersByTime(MAX_QUIET_MS - 1)
    push('d')
    vi.advanceTimersByTime(MAX_QUIET_MS - 1)
    await someTurns()
    expect(transactions).toEqual([['a', 'b']])
    vi.advanceTimersByTime(1)
    await someTurns()
    expect(transactions.at(-1)).toEqual(['c', 'd'])
  })

  test('the batches of a transaction stand in order of time, whichever came first', async () => {
    const { transactions, push } = gathering()
    push('later', 2_000)
    push('earlier', 1_000)
    await someTurns()
    expect(transactions).toEqual([['earlier', 'later']])
  })
})
