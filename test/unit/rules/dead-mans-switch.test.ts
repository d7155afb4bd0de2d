import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { RuleThread } from '../../../electron/node/rules/alert-book.ts'
import { Courier } from '../../../electron/node/rules/channels/courier.ts'
import type { ChannelRecord } from '../../../electron/node/rules/file/channel-table.ts'
import { createQuietLogger } from '../telemetry/quiet-logger.ts'

const EVERY_MS = 60_000
/** What the receiver answers, and how often it was called. */
let status = 200
let calls = 0
const receiver = createServer((_request, response) => {
  calls += 1
  response.writeHead(status).end()
})

function switchAt(url: string, allowPrivate: boolean): ChannelRecord {
  return {
    name: 'watcher',
    settings: { kind: 'heartbeat', everyMs: EVERY_MS, allowPrivate },
    sealed: Buffer.from(JSON.stringify({ url })),
  }
}

/** A courier with one channel, nothing else to deliver and a clock that is set. */
async function courierOf(channel: ChannelRecord) {
  const answers: Record<string, unknown> = {
    channels: [channel],
    dueDeliveries: [],
    channelDeliveries: [],
  }
  const clock = { time: 1_700_000_000_000, now: () => clock.time }
  const courier = new Courier({
    thread: { call: async (method: string) => answers[method] } as unknown as RuleThread,
    secretBox: { seal: async (bytes) => bytes, open: async (bytes) => bytes },
    clock,
    logger: createQuietLogger(),
    onChange: () => undefined,
  })
  await courier.start()
  const state = async () => (await courier.channels())[0]
  return { courier, clock, state }
}

let url = ''
beforeAll(async () => {
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/ping/secret`
})
afterAll(() => receiver.close())

describe('a dead man’s switch', () => {
  it('is called while all is well, as often as it is set to, and not while rules are not judged', async () => {
    const { courier, clock, state } = await courierOf(switchAt(url, true))
    calls = 0
    await courier.deliver(false)
    await courier.deliver(true)
    await vi.waitFor(async () => expect((await state())?.lastDeliveredAt).toBe(clock.time))
    await courier.deliver(true)
    clock.time += EVERY_MS - 1
    await courier.deliver(true)
    expect(calls).toBe(1)
    clock.time += 1
    await courier.deliver(false)
    expect(calls).toBe(1)
    await courier.deliver(true)
    await vi.waitFor(async () => expect((await state())?.lastDeliveredAt).toBe(clock.time))
    expect(calls).toBe(2)
    await courier.stop()
  })

  it('says what went wrong, never where, until it is reached again', async () => {
    const { courier, clock, state } = await courierOf(switchAt(url, true))
    status = 503
    await courier.deliver(true)
    await vi.waitFor(async () => expect((await state())?.problem).toContain('503'))
    expect(JSON.stringify(await state())).not.toContain('/ping/')
    status = 200
    clock.time += EVERY_MS
    await courier.deliver(true)
    await vi.waitFor(async () =>
      expect(await state()).toMatchObject({ problem: null, lastDeliveredAt: clock.time }),
    )
    await courier.stop()
  })

  it('reaches nothing inside a private network unless it may', async () => {
    const { courier, state } = await courierOf(switchAt(url, false))
    calls = 0
    await courier.deliver(true)
    await vi.waitFor(async () => expect((await state())?.problem).toMatch(/private network|this machine/))
    expect(calls).toBe(0)
    await courier.stop()
  })
})
