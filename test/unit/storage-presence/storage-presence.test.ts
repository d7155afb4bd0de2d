import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  createStoragePresence,
  type StoragePresence,
} from '../../../electron/node/storage-presence/storage-presence.ts'
import { TidemarkError } from '../../../shared/errors.ts'
import { COST, MemoryAssignments, MemoryEntry, MemoryNetwork, quiet } from './in-memory-chain.ts'

const NODE = `0x${'1a'.repeat(20)}`
const OVEN = '0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/oven'
const LAMP = 'lights.eth/lamp'
const URL = 'https://storage.example.org'

interface Setup {
  registersByItself?: boolean
  maxParts?: number
  neighbourWaitMs?: number
  pollIntervalMs?: number
  readDeadlineMs?: number
}

const running: StoragePresence[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((presence) => presence.stop()))
})

function setUp({ registersByItself = true, neighbourWaitMs = 20, ...options }: Setup = {}) {
  const entry = new MemoryEntry()
  const assignments = new MemoryAssignments()
  const network = new MemoryNetwork()
  const presence = createStoragePresence({
    nodeAddress: NODE,
    entry,
    assignments,
    membership: network,
    publisher: network,
    registersByItself,
    neighbourWaitMs,
    clock: { now: () => 1_700_000_000_000 },
    logger: quiet,
    ...options,
  })
  running.push(presence)
  const states = () => Object.fromEntries(presence.view().assignments.map(({ part, state }) => [part, state]))
  return { entry, assignments, network, presence, states }
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 8_000, interval: 10 })

describe('registration', () => {
  it('is written at once where gas is free, with the assignment stream', async () => {
    const { entry, presence } = setUp()
    await presence.advertise({ urls: [`${URL}/`], multiaddrs: ['/ip4/203.0.113.7/tcp/4001'] })
    expect(entry.entry).toEqual({
      metadata: { urls: [URL], multiaddrs: ['/ip4/203.0.113.7/tcp/4001'] },
      hasAssignmentStream: true,
    })
    expect(presence.view().registration).toMatchObject({ state: 'registered', cost: null, problem: null })
  })

  it('waits for the operator elsewhere, and shows the cost beforehand', async () => {
    const { entry, presence } = setUp({ registersByItself: false })
    await presence.advertise({ urls: [URL], multiaddrs: [] })
    expect(entry.writes).toEqual([])
    expect(presence.view().registration).toMatchObject({ state: 'unconfirmed', cost: COST })
    await presence.confirm()
    expect(entry.writes).toEqual([{ metadata: { urls: [URL] }, createAssignmentStream: true }])
    expect(presence.view().registration).toMatchObject({ state: 'registered', cost: null })
  })

  it('keeps keys of the metadata that are not its own, and writes nothing when nothing differs', async () => {
    const { entry, presence } = setUp()
    entry.entry = { metadata: { urls: [URL], name: 'harbour' }, hasAssignmentStream: true }
    await presence.advertise({ urls: [URL], multiaddrs: [] })
    expect(entry.writes).toEqual([])
    await presence.advertise({ urls: ['https://moved.example.org'], multiaddrs: [] })
    expect(entry.writes).toEqual([{ metadata: { urls: ['https://moved.example.org'], name: 'harbour' } }])
  })

  it('never writes without an address, so that a node that is not reachable does not register', async () => {
    const { entry, presence } = setUp()
    await presence.refresh()
    expect(entry.writes).toEqual([])
    expect(presence.view().registration.state).toBe('absent')
  })

  it('says in words that the chain does not answer, and recovers by itself', async () => {
    const { entry, presence } = setUp()
    entry.failure = new TidemarkError(
      'rpc-unreachable',
      'No RPC endpoint of the chain answers.',
      'Check the endpoints.',
    )
    await presence.advertise({ urls: [URL], multiaddrs: [] })
    expect(presence.view().registration).toMatchObject({
      state: 'unknown',
      problem: { message: 'No RPC endpoint of the chain answers.', remedy: 'Check the endpoints.' },
    })
    entry.failure = undefined
    await presence.refresh()
    expect(presence.view().registration).toMatchObject({ state: 'registered', problem: null })
  })

  it('tells the operator why a confirmed change failed', async () => {
    const { entry, presence } = setUp({ registersByItself: false })
    await presence.advertise({ urls: [URL], multiaddrs: [] })
    vi.spyOn(entry, 'write').mockRejectedValueOnce(
      new TidemarkError('chain-unavailable', 'No gas.', 'Send gas.'),
    )
    await expect(presence.confirm()).rejects.toMatchObject({ code: 'chain-unavailable' })
    expect(presence.view().registration).toMatchObject({
      state: 'unconfirmed',
      problem: { message: 'No gas.' },
    })
    await presence.confirm()
    expect(presence.view().registration.state).toBe('registered')
  })

  it('is taken back on request', async () => {
    const { entry, presence } = setUp()
    await presence.advertise({ urls: [URL], multiaddrs: [] })
    await presence.withdraw()
    expect(entry.entry.metadata).toBeNull()
    expect(presence.view().registration).toMatchObject({ state: 'absent', urls: [] })
  })

  it('writes one transaction after the other, whoever asks at the same time', async () => {
    const { entry, presence } = setUp()
    await Promise.all(
      Array.from({ length: 5 }, (_, at) => presence.advertise({ urls: [`${URL}/${at}`], multiaddrs: [] })),
    )
    expect(entry.entry.metadata).toEqual({ urls: [`${URL}/4`] })
    expect(presence.view().registration.state).toBe('registered')
  })

  it.each([
    [['ftp://storage.example.org']],
    [['not an address']],
    [Array.from({ length: 17 }, () => URL)],
    [[`${URL}/${'a'.repeat(600)}`]],
  ])('refuses addresses nobody could use: %s', async (urls) => {
    const { entry, presence } = setUp()
    await expect(presence.advertise({ urls, multiaddrs: [] })).rejects.toMatchObject({
      code: 'invalid-input',
    })
    expect(entry.writes).toEqual([])
  })
})

describe('assignments', () => {
  it('are joined, all partitions, and announced one by one on the assignment stream', async () => {
    const { assignments, network, presence, states } = setUp()
    await presence.start()
    assignments.set({ id: OVEN, partitions: 3 })
    await until(() => expect(network.announced()).toHaveLength(3))
    expect(network.joined).toEqual(new Set([`${OVEN}#0`, `${OVEN}#1`, `${OVEN}#2`]))
    expect(new Set(network.announced())).toEqual(network.joined)
    expect(network.published.every(({ streamId }) => streamId === `${NODE}/assignments`)).toBe(true)
    await until(() => expect(new Set(Object.values(states()))).toEqual(new Set(['stored'])))
    expect(presence.isAssigned(`${OVEN}#2`)).toBe(true)
    expect(presence.isAssigned(`${OVEN}#3`)).toBe(false)
  })

  it('are announced after the first neighbour is there, and not before', async () => {
    const { assignments, network, presence } = setUp({ neighbourWaitMs: 60_000 })
    network.lonely.add(`${OVEN}#0`)
    await presence.start()
    assignments.set({ id: OVEN, partitions: 1 })
    await until(() => expect(network.joined.size).toBe(1))
    expect(network.announced()).toEqual([])
    network.lonely.clear()
    await until(() => expect(network.announced()).toEqual([`${OVEN}#0`]))
  })

  it('are announced where nobody is, after a while', async () => {
    const { assignments, network, presence } = setUp({ neighbourWaitMs: 100 })
    network.lonely.add(`${OVEN}#0`)
    await presence.start()
    assignments.set({ id: OVEN, partitions: 1 })
    await until(() => expect(network.announced()).toEqual([`${OVEN}#0`]))
  })

  it('are left when they end, and others stay', async () => {
    const { assignments, network, presence } = setUp()
    await presence.start()
    assignments.set({ id: OVEN, partitions: 2 }, { id: LAMP, partitions: 1 })
    await until(() => expect(network.joined.size).toBe(3))
    assignments.set({ id: LAMP, partitions: 1 })
    await until(() => expect(network.joined).toEqual(new Set([`${LAMP}#0`])))
    expect(presence.isAssigned(`${OVEN}#0`)).toBe(false)
  })

  it('follow a stream that gains and loses partitions', async () => {
    const { assignments, network, presence } = setUp()
    await presence.start()
    assignments.set({ id: OVEN, partitions: 1 })
    await until(() => expect(network.joined.size).toBe(1))
    assignments.set({ id: OVEN, partitions: 4 })
    await until(() => expect(network.joined.size).toBe(4))
    assignments.set({ id: OVEN, partitions: 2 })
    await until(() => expect(network.joined.size).toBe(2))
  })

  it.each(['fails', 'fails-midway', 'hangs'] as const)(
    'stay as they were while the registry %s, and are followed again afterwards',
    async (mode) => {
      const { assignments, network, presence } = setUp({ pollIntervalMs: 20, readDeadlineMs: 100 })
      await presence.start()
      assignments.set({ id: OVEN, partitions: 2 }, { id: LAMP, partitions: 1 })
      await until(() => expect(network.joined.size).toBe(3))
      if (mode === 'hangs')
        vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true })
      assignments.mode = mode
      const before = assignments.reads
      assignments.set({ id: LAMP, partitions: 1 })
      await until(() => expect(assignments.reads).toBeGreaterThan(before))
      expect(network.joined.size).toBe(3)
      assignments.mode = 'answers'
      await until(() => expect(network.joined).toEqual(new Set([`${LAMP}#0`])))
    },
  )

  it('are found by polling when no event comes', async () => {
    const { assignments, network, presence } = setUp({ pollIntervalMs: 20 })
    await presence.start()
    await until(() => expect(assignments.reads).toBeGreaterThan(0))
    assignments.streams = [{ id: OVEN, partitions: 1 }]
    await until(() => expect(network.joined.size).toBe(1))
  })

  it('beyond the bound are refused in words, and taken when there is room', async () => {
    const { assignments, network, presence, states } = setUp({ maxParts: 2 })
    await presence.start()
    assignments.set({ id: OVEN, partitions: 2 }, { id: LAMP, partitions: 1 })
    await until(() => expect(states()[`${LAMP}#0`]).toBe('refused'))
    expect(presence.view().assignments.find(({ state }) => state === 'refused')?.problem?.message).toContain(
      'at most 2',
    )
    expect(presence.isAssigned(`${LAMP}#0`)).toBe(false)
    assignments.set({ id: LAMP, partitions: 1 })
    await until(() => expect(network.joined).toEqual(new Set([`${LAMP}#0`])))
  })

  it.each([-1, 0, Number.NaN, 100_000_000])(
    'of a stream with %s partitions harm nobody',
    async (partitions) => {
      const { assignments, network, presence } = setUp()
      await presence.start()
      assignments.set({ id: OVEN, partitions }, { id: LAMP, partitions: 1 })
      await until(() => expect(network.joined.has(`${LAMP}#0`)).toBe(true))
      expect(network.joined.size).toBeLessThanOrEqual(101)
    },
  )

  it('that cannot be joined are told, tried again, and do not hold up others', async () => {
    const { assignments, network, presence, states } = setUp()
    let attempts = 0
    network.failJoin = (part) => {
      if (part !== `${OVEN}#0` || ++attempts > 1) return undefined
      return new TidemarkError('timeout', 'It took too long.', 'Wait.')
    }
    await presence.start()
    assignments.set({ id: OVEN, partitions: 2 })
    await until(() => expect(states()).toEqual({ [`${OVEN}#0`]: 'failing', [`${OVEN}#1`]: 'stored' }))
    expect(presence.view().assignments[0]?.problem).toEqual({ message: 'It took too long.', remedy: 'Wait.' })
    await until(() => expect(states()[`${OVEN}#0`]).toBe('stored'))
    expect(presence.view().assignments[0]?.problem).toBeNull()
  })

  it('count as stored while the announcement cannot be published yet', async () => {
    const { assignments, network, presence } = setUp()
    network.failPublish = new TidemarkError('stream-no-permission', 'Not allowed.', 'Register first.')
    await presence.start()
    assignments.set({ id: OVEN, partitions: 1 })
    await until(() =>
      expect(presence.view().assignments).toEqual([
        {
          part: `${OVEN}#0`,
          state: 'stored',
          problem: { message: 'Not allowed.', remedy: 'Register first.' },
        },
      ]),
    )
    network.failPublish = undefined
    await until(() => expect(network.announced()).toEqual([`${OVEN}#0`]))
    await until(() => expect(presence.view().assignments[0]?.problem).toBeNull())
  })

  it('end up joined exactly as assigned last, however they flicker', async () => {
    const stream = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      partitions: fc.integer({ min: 1, max: 3 }),
    })
    const snapshots = fc.array(fc.uniqueArray(stream, { selector: ({ id }) => id }), {
      minLength: 1,
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(snapshots, async (history) => {
        const { assignments, network, presence } = setUp()
        await presence.start()
        for (const snapshot of history) {
          assignments.set(...snapshot)
          await new Promise((resolve) => setImmediate(resolve))
        }
        const expected = new Set(
          (history.at(-1) ?? []).flatMap(({ id, partitions }) =>
            Array.from({ length: partitions }, (_, partition) => `${id}#${partition}`),
          ),
        )
        await until(() => expect(network.joined).toEqual(expected))
        await presence.stop()
      }),
      { numRuns: 15 },
    )
  })
})
