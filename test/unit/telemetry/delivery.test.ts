import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDelivery, type DeliveryNetwork } from '../../../electron/node/telemetry/delivery.ts'
import { openDiskOutbox } from '../../../electron/node/telemetry/disk-outbox.ts'
import type { Outbox } from '../../../electron/node/telemetry/outbox.ts'
import { createQuietLogger } from './quiet-logger.ts'

interface Sent {
  timestamp: number
  chain: string
  content: unknown
}

/** A network that loses neighbours, refuses and hangs as it is told, and refuses backdated messages as the SDK does. */
class FakeNetwork implements DeliveryNetwork {
  readonly sent: Sent[] = []
  readonly #newest = new Map<string, number>()
  connected = true
  neighbourIds: string[] = ['a']
  refusing = false
  hanging = false

  async publish(
    _streamId: string,
    content: Record<string, unknown>,
    options: { timestamp: number; chain: string },
  ) {
    if (this.hanging) await new Promise(() => undefined)
    if (options.timestamp < (this.#newest.get(options.chain) ?? 0))
      throw new Error('prevMessageRef must come before')
    this.#newest.set(options.chain, options.timestamp)
    if (this.refusing) throw new Error('no permission for 0xabc at https://key@rpc')
    this.sent.push({ timestamp: options.timestamp, chain: options.chain, content })
  }
  isConnected = () => this.connected
  neighbours = () => this.neighbourIds
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp(needsNeighbours = true) {
  const network = new FakeNetwork()
  const logger = createQuietLogger()
  const outbox = openDiskOutbox({ file: ':memory:', maxBytes: 10_000_000, logger })
  const delivery = createDelivery({
    network,
    outbox,
    streamId: '0xabc/fleet',
    partition: 0,
    needsNeighbours,
    logger,
    clock: Date,
  })
  return { network, outbox, delivery, logger }
}

const measure = (outbox: Outbox, source = 'machine', timestamp = Date.now()): void =>
  outbox.add({ timestamp, source, dueAt: Date.now(), content: { [source]: timestamp } })

describe('delivery from an outbox', () => {
  it('publishes each measurement with the time it was measured at, and keeps it until the neighbours have stayed', async () => {
    const { network, outbox, delivery } = setUp()
    measure(outbox)
    await delivery.start()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(network.sent).toMatchObject([{ timestamp: 1_000_000, content: { machine: 1_000_000 } }])
    expect(outbox.size().entries).toBe(1)
    await vi.advanceTimersByTimeAsync(16_000)
    expect(outbox.size().entries).toBe(0)
    await delivery.stop()
    expect(delivery.status()).toMatchObject({ state: 'stopped', delivered: 1, repeated: 0 })
  })

  it('keeps what is measured without neighbours and publishes it later, oldest first, with its true time', async () => {
    const { network, outbox, delivery } = setUp()
    network.neighbourIds = []
    await delivery.start()
    for (let tick = 0; tick < 200; tick++) {
      measure(outbox)
      await vi.advanceTimersByTimeAsync(1_000)
    }
    expect(network.sent).toEqual([])
    expect(delivery.status().state).toBe('waiting')
    network.neighbourIds = ['b']
    await vi.advanceTimersByTimeAsync(5_000)
    expect(network.sent.map(({ timestamp }) => timestamp)).toEqual(
      Array.from({ length: 200 }, (_, tick) => 1_000_000 + tick * 1_000),
    )
    expect(new Set(network.sent.map(({ chain }) => chain)).size).toBe(1)
    await delivery.stop()
  })

  it('sends again what it sent to neighbours that were lost right after, in a new chain', async () => {
    const { network, outbox, delivery } = setUp()
    measure(outbox)
    await delivery.start()
    await vi.advanceTimersByTimeAsync(3_000)
    network.neighbourIds = []
    await vi.advanceTimersByTimeAsync(3_000)
    network.neighbourIds = ['c']
    await vi.advanceTimersByTimeAsync(3_000)
    expect(network.sent.map(({ timestamp }) => timestamp)).toEqual([1_000_000, 1_000_000])
    expect(network.sent[0]?.chain).not.toBe(network.sent[1]?.chain)
    expect(delivery.status()).toMatchObject({ repeated: 1 })
    await delivery.stop()
  })

  it('backs off from a network that refuses, says so once without anybody’s address, and goes on where it was', async () => {
    const { network, outbox, delivery, logger } = setUp()
    network.refusing = true
    measure(outbox)
    await delivery.start()
    await vi.advanceTimersByTimeAsync(120_000)
    expect(delivery.status()).toMatchObject({ failure: { message: 'It could not be published.' } })
    expect(delivery.status().failed).toBeLessThan(10)
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
    network.refusing = false
    await vi.advanceTimersByTimeAsync(31_000)
    expect(network.sent).toHaveLength(1)
    expect(delivery.status()).toMatchObject({ failure: null, delivered: 1 })
    await delivery.stop()
  })

  it('gives up on a publish that hangs, and does not wait for it when it is stopped', async () => {
    const { network, outbox, delivery } = setUp()
    network.hanging = true
    measure(outbox)
    await delivery.start()
    await vi.advanceTimersByTimeAsync(31_000)
    expect(delivery.status()).toMatchObject({ failed: 1 })
    await vi.advanceTimersByTimeAsync(2_000)
    await delivery.stop()
    expect(outbox.size().entries).toBe(1)
  })

  it('gives each source a chain of its own, and begins a new one when the clock was set back', async () => {
    const { network, outbox, delivery } = setUp(false)
    measure(outbox, 'slow', 999_000)
    measure(outbox, 'machine', 1_000_000)
    measure(outbox, 'slow', 1_000_500)
    measure(outbox, 'machine', 400_000)
    await delivery.start()
    await vi.advanceTimersByTimeAsync(1_000)
    const chains = network.sent.map(({ chain }) => chain)
    expect(chains[0]).toBe(chains[2])
    expect(new Set(chains).size).toBe(3)
    expect(delivery.status()).toMatchObject({ delivered: 4, failed: 0 })
    expect(outbox.size().entries).toBe(0)
    await delivery.stop()
  })

  it('loses nothing and invents nothing, whatever the network does', async () => {
    const weather = fc.array(fc.constantFrom('fine', 'alone', 'refusing', 'down'), {
      minLength: 1,
      maxLength: 12,
    })
    await fc.assert(
      fc.asyncProperty(weather, async (days) => {
        const { network, outbox, delivery } = setUp()
        await delivery.start()
        const measured: number[] = []
        for (const day of [...days, 'fine']) {
          network.neighbourIds = day === 'alone' ? [] : ['n']
          network.refusing = day === 'refusing'
          network.connected = day !== 'down'
          for (let tick = 0; tick < 4; tick++) {
            measured.push(Date.now())
            measure(outbox)
            await vi.advanceTimersByTimeAsync(1_000)
          }
        }
        await vi.advanceTimersByTimeAsync(120_000)
        const sent = [...new Set(network.sent.map(({ timestamp }) => timestamp))].sort((a, b) => a - b)
        expect(sent).toEqual(measured)
        expect(outbox.size().entries).toBe(0)
        await delivery.stop()
      }),
      { numRuns: 25 },
    )
  })
})
